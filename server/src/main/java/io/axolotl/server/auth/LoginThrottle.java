package io.axolotl.server.auth;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows guessing: after some wrong passwords of one caller for one user, each further try has to wait, twice as long each time.
 * Who comes from elsewhere is not held up by it, so that nobody can lock a user out. After very many, for whatever users, an address
 * has to wait a moment before each further one.
 *
 * <p>Bounded: of very many pairs of caller and user those that failed longest ago are forgotten. Guesses from very many places
 * are still no faster than {@link Passwords} checks them.
 *
 * <p>Safe for all threads.
 */
public final class LoginThrottle {
    /** Typing errors cost nothing. */
    static final int FREE_FAILURES = 5;

    /** Of all users from one address together: many may share it, and most of them are honest. */
    static final int FREE_FAILURES_OF_ADDRESS = 100;

    static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** After this long without a failure all is forgiven. */
    static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(10);

    static final int MAX_KEPT = 10_000;

    /** Longer names are kept by their hash, which is as long as this. */
    private static final int MAX_NAME = 64;

    private final LongSupplier clock;

    /** Guarded by this. */
    private final Map<Attempt, Failures> failed = bounded();

    /** By address alone. Guarded by this. */
    private final Map<String, Failures> failedFrom = bounded();

    private record Attempt(String user, String from) {
        /** A name may be as long as a request: what is kept of it is not. */
        static Attempt of(String user, String from) {
            return new Attempt(
                    user.length() <= MAX_NAME
                            ? user
                            : Hashing.sha256()
                                    .hashString(user, StandardCharsets.UTF_8)
                                    .toString(),
                    from);
        }
    }

    private record Failures(int count, long lastNanos) {}

    /** @param clock monotonic, as {@code System.nanoTime} */
    public LoginThrottle(LongSupplier clock) {
        this.clock = clock;
    }

    private static <K> Map<K, Failures> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Failures> eldest) {
                return size() > MAX_KEPT;
            }
        };
    }

    /** Whether a password may be tried now. */
    public synchronized boolean isOpen(String user, String from) {
        Failures together = failedFrom.get(from);
        if (together != null
                && together.count >= FREE_FAILURES_OF_ADDRESS
                && clock.getAsLong() - together.lastNanos <= FIRST_PAUSE_NANOS) {
            return false;
        }
        Failures before = failed.get(Attempt.of(user, from));
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
        failed.compute(Attempt.of(user, from), (attempt, before) -> oneMore(before, now));
        failedFrom.compute(from, (address, before) -> oneMore(before, now));
    }

    private static Failures oneMore(@Nullable Failures before, long now) {
        return before == null || now - before.lastNanos > FORGET_NANOS
                ? new Failures(1, now)
                : new Failures(before.count + 1, now);
    }

    public synchronized void succeeded(String user, String from) {
        failed.remove(Attempt.of(user, from));
    }
}
