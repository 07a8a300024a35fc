package io.axolotl.server.stage;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a node gives up: a write or sync failed, an entry could not be applied, a thread died or hangs.
 * After any of these, what this process believes of its disk or its state may be wrong, so it must neither answer nor vote
 * again before it has recovered from what is really there (pitfalls 49, 54, 67).
 *
 * <p>Safe for all threads. May return only in tests; callers stop working either way.
 */
@FunctionalInterface
public interface FatalHandler {
    /** The exit code of a process that stopped itself: a supervisor should start it again. */
    int EXIT_CODE = 70;

    /**
     * @param what which part failed, and doing what
     * @param cause null if there is none but the observation itself
     */
    void fatal(String what, @org.jspecify.annotations.Nullable Throwable cause);

    /** Logs the reason and where every thread was, then ends the process without running shutdown hooks. */
    static FatalHandler haltingProcess() {
        return (what, cause) -> {
            Logger log = LoggerFactory.getLogger(FatalHandler.class);
            try {
                log.error("this node stops: {}", what, cause);
                log.error("threads at that moment:{}", threadDump());
            } finally {
                Runtime.getRuntime().halt(EXIT_CODE);
            }
        };
    }

    /** What every thread of this process is doing, one stack after the other. */
    static String threadDump() {
        StringBuilder dump = new StringBuilder();
        for (ThreadInfo info : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            dump.append(System.lineSeparator()).append(info);
        }
        return dump.toString();
    }
}
