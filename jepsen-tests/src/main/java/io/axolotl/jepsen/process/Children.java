package io.axolotl.jepsen.process;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The processes that this JVM started, none of which may outlive it. Java runs shutdown hooks all at once; whoever wants to
 * stop its processes gracefully when the JVM ends registers that here, so that killing comes after it. After a {@code kill -9} of the
 * JVM, which runs no hook, a {@link Watchdog} kills them. Safe for all threads.
 */
public final class Children {
    private static final Set<Process> LIVING = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> BEFORE_KILLING = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> AFTER_KILLING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Children::killAll, "kill-children"));
    }

    private Children() {}

    /** Runs this when the JVM ends, before what lives is killed. It must end by itself. */
    public static void beforeKilling(Runnable action) {
        BEFORE_KILLING.add(action);
    }

    /** Runs this when the JVM ends, after what lived was killed. It must end by itself. */
    public static void afterKilling(Runnable action) {
        AFTER_KILLING.add(action);
    }

    /** Takes a process into this care. */
    static void adopt(Process process) {
        adoptWithItsOwnEnd(process);
        Watchdog.tell(process);
    }

    /** The same of one that notices by itself that this JVM is gone, however it went, and has things of its own to put in order then. */
    static void adoptWithItsOwnEnd(Process process) {
        LIVING.add(process);
        var unused = process.onExit().thenAccept(LIVING::remove);
    }

    private static void killAll() {
        try {
            BEFORE_KILLING.forEach(Runnable::run);
        } finally {
            LIVING.forEach(Process::destroyForcibly);
            AFTER_KILLING.forEach(Runnable::run);
        }
    }
}
