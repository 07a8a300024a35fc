package io.axolotl.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that is renewed until it is closed or lost. Says early that it is in danger: when half of its time has passed without a
 * renewal, so that whoever does something under its protection can stop in time.
 *
 * <p>Time is counted from before each renewal was sent, by this process's monotonic clock: what {@link #left} says is left the
 * servers will not take away, unless the lease is revoked, or one of the two clocks runs wrong. The clock stands still while the
 * whole machine is suspended (a laptop, a virtual machine that is moved or restored), and the servers' does not: after that,
 * {@link #left} and {@link #state} may say that a lease is alive which ran out meanwhile. So a lock that hangs on a lease needs a
 * fencing token ({@link Hold#guard}), for that, and since this process may be paused between a look here and what it does then.
 *
 * <p>Safe for all threads. Listeners are called one at a time, in the order in which things happened, on a network thread, or on
 * the one that closes the client; they must not block.
 */
public final class KeptLease implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeptLease.class);

    private static final int RENEWALS_PER_TTL = 3;

    /** A renewal that is not answered for so long a part of the TTL is sent again: by its turn, to another member. */
    private static final int PATIENCE_PER_TTL = 6;

    private static final int RENEWALS_AT_ONCE = 3;
    private static final int LOOKS_PER_TTL = 24;
    private static final long SHORTEST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final long id;
    private final LongFunction<CompletableFuture<LeaseKeepAliveResult>> renew;
    private final Consumer<Long> revoke;
    private final Listener listener;
    private final LongSupplier clock;

    // Guarded by this.
    private long ttlNanos;

    /** When the newest renewal that was answered was sent; or before the lease was asked for. */
    private long aliveNanos;

    /** When the newest renewal was sent. */
    private long sentNanos;

    /** Renewals that were not answered yet. */
    private int sending;

    /** The last answer was that there is none. */
    private boolean hasFailed;

    private State state = State.ALIVE;
    private boolean isClosed;

    /** The servers have said that they do not have it, or cannot be reached any more. */
    private boolean isGone;

    /** Lost here, so that the servers may still have it, and nobody has told them yet. */
    private boolean mustRevoke;

    /** What the listener is to hear, oldest first. */
    private final Queue<Runnable> news = new ArrayDeque<>();

    private boolean isTelling;

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

    /** How long to wait before the next {@link #look}. */
    synchronized long lookNanos() {
        return Math.max(SHORTEST_LOOK_NANOS, ttlNanos / LOOKS_PER_TTL);
    }

    public long id() {
        return id;
    }

    /** How it stands by the clock, now. Once it is lost it stays so, and the listener hears of it soon. */
    public synchronized State state() {
        judge(clock.getAsLong());
        return state;
    }

    /** For how long it is certainly there; zero once it may be gone. */
    public synchronized Duration left() {
        long now = clock.getAsLong();
        judge(now);
        return isOver() ? Duration.ZERO : Duration.ofNanos(aliveNanos + ttlNanos - now);
    }

    /** Whether there is nothing more to look after. */
    synchronized boolean isOver() {
        return state == State.LOST || state == State.CLOSED;
    }

    /** Renews it if it is time to, and tells how it stands. Also to be called when it has just ended. */
    void look() {
        long now = clock.getAsLong();
        boolean mustSend;
        synchronized (this) {
            judge(now);
            mustSend = mustRenew(now);
            if (mustSend) {
                sending++;
                sentNanos = now;
                hasFailed = false;
            }
        }
        tell();
        if (mustSend) {
            var unused = renew.apply(id).whenComplete((answer, failure) -> answered(now, answer));
        }
    }

    private boolean mustRenew(long now) {
        if (isOver() || sending >= RENEWALS_AT_ONCE) {
            return false;
        }
        boolean isAnswered = aliveNanos == sentNanos;
        return hasFailed || now - sentNanos >= ttlNanos / (isAnswered ? RENEWALS_PER_TTL : PATIENCE_PER_TTL);
    }

    /** Finds how it stands. Called with the monitor. */
    private void judge(long now) {
        if (isOver()) {
            return;
        }
        long left = aliveNanos + ttlNanos - now;
        State found = left <= 0 ? State.LOST : left <= ttlNanos / 2 ? State.IN_DANGER : State.ALIVE;
        if (found == state) {
            return;
        }
        state = found;
        if (found == State.LOST) {
            mustRevoke = true;
            news.add(() -> listener.lost("it was not renewed in time"));
        } else if (found == State.IN_DANGER) {
            news.add(() -> listener.inDanger(Duration.ofNanos(left)));
        } else {
            news.add(listener::recovered);
        }
    }

    /** @param answer null if there was none: the next look asks again */
    private void answered(long sent, @Nullable LeaseKeepAliveResult answer) {
        synchronized (this) {
            sending--;
            if (answer == null) {
                hasFailed |= sent == sentNanos;
            } else if (!answer.isAlive()) {
                loseHere("the servers say that it is gone");
            } else if (!isOver() && sent - aliveNanos > 0) {
                aliveNanos = sent;
                ttlNanos = TimeUnit.SECONDS.toNanos(answer.ttlSeconds());
            }
            judge(clock.getAsLong());
        }
        tell();
    }

    /** Nobody renews it any more. */
    void clientClosed() {
        synchronized (this) {
            loseHere("the client is closed");
        }
        tell();
    }

    private void loseHere(String why) {
        if (!isOver()) {
            state = State.LOST;
            isGone = true;
            news.add(() -> listener.lost(why));
        }
    }

    /** Tells what is new, and the servers that a lost lease is not wanted any more: whoever waits for it need not wait for its end. */
    private void tell() {
        boolean revokes;
        synchronized (this) {
            revokes = mustRevoke;
            mustRevoke = false;
        }
        if (revokes) {
            revoke.accept(id);
        }
        for (Runnable next = nextNews(false); next != null; next = nextNews(true)) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "the listener of lease {} has thrown; the lease is kept all the same", Long.toHexString(id), e);
            }
        }
    }

    /** @param isTeller whether it was the caller who has told the one before; else null if anybody is telling */
    private synchronized @Nullable Runnable nextNews(boolean isTeller) {
        if (isTelling && !isTeller) {
            return null;
        }
        Runnable next = news.poll();
        isTelling = next != null;
        return next;
    }

    /**
     * Stops renewing it, and revokes it, without waiting for that: what hangs on it goes. One that was lost for want of renewals
     * is revoked too, for the servers may have it still. Calling it again does nothing.
     */
    @Override
    public void close() {
        boolean revokes;
        synchronized (this) {
            judge(clock.getAsLong());
            revokes = !isClosed && !isGone;
            isClosed = true;
            mustRevoke = false;
            if (!isOver()) {
                state = State.CLOSED;
                news.clear();
            }
        }
        if (revokes) {
            revoke.accept(id);
        }
        tell();
    }
}
