package io.axolotl.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A lease that is renewed until it is closed or lost. Says early that it is in danger: when half of its time has passed without a
 * renewal, so that whoever does something under its protection can stop in time.
 *
 * <p>Time is counted from before each renewal was sent, by this process's monotonic clock: what {@link #left} says is left the
 * servers will not take away, unless the lease is revoked. A lock that hangs on a lease still needs a fencing token, for this
 * process may be paused between a look here and what it does then.
 *
 * <p>Safe for all threads. Listeners are called on a network thread, one at a time, and must not block.
 */
public final class KeptLease implements AutoCloseable {
    private static final int RENEWALS_PER_TTL = 3;
    private static final int LOOKS_PER_TTL = 24;
    private static final long SHORTEST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final long id;
    private final LongFunction<CompletableFuture<LeaseKeepAliveResult>> renew;
    private final Consumer<Long> revoke;
    private final Listener listener;
    private final LongSupplier clock;

    // Guarded by this.
    private long ttlNanos;
    private long aliveNanos;
    private long sentNanos;
    private boolean isSending;
    private State state = State.ALIVE;

    /** How it stands. */
    public enum State {
        /** Renewed lately. */
        ALIVE,
        /** Half of its time or more has passed since the last renewal. */
        IN_DANGER,
        /** It has run out, or the servers say that it is gone. */
        LOST,
        /** Closed here. */
        CLOSED
    }

    /** Hears how a lease stands. */
    public interface Listener {
        /** Does nothing. */
        Listener NONE = new Listener() {};

        /** It is in danger no more. */
        default void recovered() {}

        /** It was not renewed for half of its time; so much is left. */
        default void inDanger(Duration left) {}

        /** It is gone, or may be from now on. Nothing follows. */
        default void lost(String why) {}
    }

    /**
     * @param renew one renewal of this id
     * @param sinceNanos before the lease was asked for
     */
    KeptLease(
            long id,
            long ttlSeconds,
            long sinceNanos,
            LongFunction<CompletableFuture<LeaseKeepAliveResult>> renew,
            Consumer<Long> revoke,
            Listener listener,
            LongSupplier clock) {
        this.id = id;
        this.ttlNanos = TimeUnit.SECONDS.toNanos(ttlSeconds);
        this.aliveNanos = sinceNanos;
        this.sentNanos = sinceNanos;
        this.renew = renew;
        this.revoke = revoke;
        this.listener = listener;
        this.clock = clock;
    }

    /** Looks again and again until it is over. */
    void keepBy(ScheduledExecutorService timer) {
        long pauseNanos;
        synchronized (this) {
            if (isOver()) {
                return;
            }
            pauseNanos = Math.max(SHORTEST_LOOK_NANOS, ttlNanos / LOOKS_PER_TTL);
        }
        try {
            var unused = timer.schedule(
                    () -> {
                        look();
                        keepBy(timer);
                    },
                    pauseNanos,
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            lose("the client is closed");
        }
    }

    public long id() {
        return id;
    }

    public synchronized State state() {
        return state;
    }

    /** For how long it is certainly there; zero once it may be gone. */
    public synchronized Duration left() {
        long left = isOver() ? 0 : aliveNanos + ttlNanos - clock.getAsLong();
        return Duration.ofNanos(Math.max(0, left));
    }

    private boolean isOver() {
        return state == State.LOST || state == State.CLOSED;
    }

    /** Renews it if it is time to, and tells how it stands. */
    void look() {
        boolean mustSend;
        long now = clock.getAsLong();
        synchronized (this) {
            if (isOver()) {
                return;
            }
            mustSend = !isSending && now - sentNanos >= ttlNanos / RENEWALS_PER_TTL;
            if (mustSend) {
                isSending = true;
                sentNanos = now;
            }
        }
        judge(now);
        if (mustSend) {
            var unused = renew.apply(id).whenComplete((answer, failure) -> answered(now, answer));
        }
    }

    private void judge(long now) {
        Runnable news = null;
        synchronized (this) {
            if (isOver()) {
                return;
            }
            long left = aliveNanos + ttlNanos - now;
            if (left <= 0) {
                state = State.LOST;
                news = () -> listener.lost("it was not renewed in time");
            } else if (left <= ttlNanos / 2 && state == State.ALIVE) {
                state = State.IN_DANGER;
                news = () -> listener.inDanger(Duration.ofNanos(left));
            } else if (left > ttlNanos / 2 && state == State.IN_DANGER) {
                state = State.ALIVE;
                news = listener::recovered;
            }
        }
        if (news != null) {
            news.run();
        }
    }

    /** @param answer null if there was none: the next look asks again */
    private void answered(long sent, @Nullable LeaseKeepAliveResult answer) {
        boolean isGone = answer != null && !answer.isAlive();
        synchronized (this) {
            isSending = false;
            if (answer == null) {
                sentNanos = Math.min(sentNanos, clock.getAsLong() - ttlNanos / RENEWALS_PER_TTL);
            } else if (!isGone) {
                aliveNanos = sent;
                ttlNanos = TimeUnit.SECONDS.toNanos(answer.ttlSeconds());
            }
        }
        if (isGone) {
            lose("the servers say that it is gone");
        } else {
            judge(clock.getAsLong());
        }
    }

    private void lose(String why) {
        synchronized (this) {
            if (isOver()) {
                return;
            }
            state = State.LOST;
        }
        listener.lost(why);
    }

    /** Stops renewing it, and revokes it, without waiting for that: what hangs on it goes. Calling it again does nothing. */
    @Override
    public void close() {
        boolean wasOver;
        synchronized (this) {
            wasOver = isOver();
            if (!wasOver) {
                state = State.CLOSED;
            }
        }
        if (!wasOver) {
            revoke.accept(id);
        }
    }
}
