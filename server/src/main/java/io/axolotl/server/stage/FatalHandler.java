package io.axolotl.server.stage;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.concurrent.TimeUnit;

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

    /**
     * Tells the reason and where every thread was, then ends the process without running shutdown hooks: at the latest
     * after two seconds, also if nobody reads what it says.
     */
    static FatalHandler haltingProcess() {
        return new HaltingHandler(
                (what, cause) -> ProcessLog.lastWords("this node stops: " + what, cause, FatalHandler::threadDump),
                Runtime.getRuntime()::halt,
                TimeUnit.SECONDS.toNanos(2));
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
