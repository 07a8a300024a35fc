package io.axolotl.server.launch;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Remembers which signal ends this process. The Java machine runs its shutdown hooks for SIGTERM, SIGINT and SIGHUP without
 * saying for which; the class that can tell is reached by reflection, since it is no part of the platform's API.
 *
 * <p>Safe for all threads.
 */
public final class StopSignals {
    /** A signal that asks a process to end. */
    public enum StopSignal {
        TERM(15, "terminated"),
        INT(2, "interrupt"),
        HUP(1, "hangup");

        private final int number;
        private final String description;

        StopSignal(int number, String description) {
            this.number = number;
            this.description = description;
        }

        public int number() {
            return number;
        }

        /** As Go calls it. */
        public String description() {
            return description;
        }

        /** What a shell reports of a process that it has ended. */
        public int exitCode() {
            return 128 + number;
        }
    }

    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";

    private final AtomicReference<StopSignal> received = new AtomicReference<>();

    private StopSignals() {}

    /**
     * Listens for all of them, but for those that this process was started to ignore, as by nohup. The hooks run as before.
     *
     * @return nothing is ever received if this Java machine does not let signals be listened for
     */
    public static StopSignals listen() {
        StopSignals signals = new StopSignals();
        try {
            Class<?> handlerType = Class.forName(HANDLER);
            for (StopSignal each : StopSignal.values()) {
                Object handler = Proxy.newProxyInstance(
                        StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, signals.handler(each));
                Class<?> signalType = Class.forName(SIGNAL);
                Object signal = signalType.getConstructor(String.class).newInstance(each.name());
                Object unused =
                        signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
            }
        } catch (ReflectiveOperationException e) {
            // A runtime without that class, or one told to leave signals alone: the machine's own way stays in force.
            return signals;
        }
        return signals;
    }

    private InvocationHandler handler(StopSignal signal) {
        return (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                received.compareAndSet(null, signal);
                System.exit(signal.exitCode());
                yield null;
            }
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "handler of " + signal;
        };
    }

    /** The first that came. */
    public Optional<StopSignal> received() {
        return Optional.ofNullable(received.get());
    }

    /**
     * Ends this process at once as if the signal had not been handled, so that whoever waits for it sees what it did. As
     * process 1 of a container, which no signal of its own can end, it ends with 0. To be called when all is done.
     */
    public static void endBy(StopSignal signal) {
        int pid = (int) ProcessHandle.current().pid();
        if (pid == 1) {
            Runtime.getRuntime().halt(0);
        }
        try {
            Object unused = LibC.signal(signal.number(), null);
            LibC.kill(pid, signal.number());
        } catch (LinkageError | RuntimeException e) {
            // No native code here (a noexec temporary folder, another system): the shell's number for it says the same.
            Runtime.getRuntime().halt(signal.exitCode());
        }
        // The kernel may take a moment to deliver it.
        while (true) {
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000_000L);
        }
    }
}
