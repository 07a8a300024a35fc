package io.axolotl.server.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Slows guessing: after some wrong passwords of one caller for one user, each further try has to wait, twice as long each time.
 * Who comes from elsewhere is not held up by it, so that nobody can lock a user out.
 *
 * <p>Bounded: of very many pairs of caller and user those that failed longest ago are forgotten. Guesses from very many places
 * are still no faster than {@link Passwords} checks them.
 *
 * <p>Safe for all threads.
 */
public final class LoginThrottle {
    /** Typing errors cost nothing. */
    static final int FREE_FAILURES = 5;

    static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** After this long without a failure all is forgiven. */
    static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(10);

    static final int MAX_KEPT = 10_000;

    private final LongSupplier clock;

    /** Guarded by this. */
    private final Map<Attempt, Failures> failed = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Attempt, Failures> eldest) {
            return size() > MAX_KEPT;
        }
    };

    private record Attempt(String user, String from) {}

    private record Failures(int count, long lastNanos) {}

    /** @param clock monotonic, as {@code System.nanoTime} */
    public LoginThrottle(LongSupplier clock) {
        this.clock = clock;
    }

    /** Whether a password may be tried now. */
    public synchronized boolean isOpen(String user, String from) {
        Failures before = failed.get(new Attempt(user, from));
        if (before == null) {
            return true;
        }
        long sinceNanos = clock.getAsLong() - before.lastNanos;
        return sinceNanos > pauseNanos(before.count);
    }

    static long pauseNanos(int failures) {
        int over = failures - FREE_FAILURES;
        return over < 0 ? -1 : Math.min(MAX_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(over, 20));
    }

    public synchronized void failed(String user, String from) {
        long now = clock.getAsLong();
        failed.compute(new Attempt(user, from), (attempt, before) -> {
            boolean isFirst = before == null || now - before.lastNanos > FORGET_NANOS;
            return new Failures(isFirst ? 1 : before.count + 1, now);
        });
    }

    public synchronized void succeeded(String user, String from) {
        failed.remove(new Attempt(user, from));
    }
}
