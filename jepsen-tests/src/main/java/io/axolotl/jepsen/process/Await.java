package io.axolotl.jepsen.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for another process, with a bound and with words. Safe for all threads. */
public final class Await {
    private static final long POLL_NANOS = Duration.ofMillis(10).toNanos();

    private Await() {}

    /** What was waited for did not come in time. */
    public static final class TooLateException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public TooLateException(String message) {
            super(message);
        }
    }

    /**
     * Asks again and again until there is an answer.
     *
     * @param what completes the sentence "waited 5 s for …"
     * @throws TooLateException if there is none within the bound, or the thread is interrupted
     */
    public static <T> T answer(String what, Duration bound, Supplier<Optional<T>> question) {
        long start = System.nanoTime();
        while (true) {
            Optional<T> answer = question.get();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() - start >= bound.toNanos()) {
                throw new TooLateException("waited " + Text.seconds(bound.toNanos()) + " for " + what);
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new TooLateException("interrupted while waiting for " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** As {@link #answer}, for a fact. */
    public static void fact(String what, Duration bound, BooleanSupplier question) {
        boolean unused = answer(what, bound, () -> question.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }
}
