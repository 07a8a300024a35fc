package io.axolotl.server.stage;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the threads of a node. Each has a name that tells its work, and none may die silently: what escapes from one ends
 * the process (pitfall 67).
 *
 * <p>Safe for all threads.
 */
public final class ProcessThreads {
    private ProcessThreads() {}

    /** A thread, not started yet, that runs {@code body} once. */
    public static Thread named(String name, Runnable body, FatalHandler fatal) {
        Thread thread = new Thread(() -> run(name, body, fatal), name);
        thread.setDaemon(true);
        return thread;
    }

    /** A factory for pools; threads are called {@code name-0}, {@code name-1} and so on. */
    public static ThreadFactory factory(String name, FatalHandler fatal) {
        AtomicInteger next = new AtomicInteger();
        return body -> named(name + "-" + next.getAndIncrement(), body, fatal);
    }

    private static void run(String name, Runnable body, FatalHandler fatal) {
        try {
            body.run();
        } catch (Throwable e) {
            fatal.fatal("thread " + name + " died: " + e, e);
        }
    }
}
