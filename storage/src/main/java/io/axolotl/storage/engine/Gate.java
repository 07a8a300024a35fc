package io.axolotl.storage.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts who is inside something that can be closed. Nobody enters once closing has begun, and closing waits until
 * everybody has left, so that nobody is ever inside a closed thing (pitfall P16).
 *
 * <p>Safe for all threads.
 */
public final class Gate {
    private static final long CLOSING = 1L << 62;

    /** How many are inside, plus {@link #CLOSING} once nobody may enter. */
    private final AtomicLong state = new AtomicLong();

    private final String what;

    /** Somebody has been told to let go of the guarded thing. Guarded by this. */
    private boolean isShut;

    /** @param what names the guarded thing in messages */
    public Gate(String what) {
        this.what = what;
    }

    /**
     * Each call that returns is followed by one {@link #leave}.
     *
     * @throws ClosedException once closing has begun
     */
    public void enter() {
        if (!tryEnter()) {
            throw new ClosedException(what + " is closed");
        }
    }

    /** As {@link #enter}, but says false once closing has begun. */
    public boolean tryEnter() {
        while (true) {
            long before = state.get();
            if (before >= CLOSING) {
                return false;
            }
            if (state.compareAndSet(before, before + 1)) {
                return true;
            }
        }
    }

    /** One who is inside enters once more, which nobody who waits for them to leave can prevent. */
    public void enterAgain() {
        long before = state.getAndIncrement();
        if (before == 0 || before == CLOSING) {
            state.decrementAndGet();
            throw new AssertionError(what + " was entered again by nobody who is inside");
        }
    }

    public void leave() {
        long after = state.decrementAndGet();
        if (after == CLOSING) {
            synchronized (this) {
                notifyAll();
            }
        }
        if (after < 0) {
            throw new AssertionError(what + " was left more often than entered");
        }
    }

    public boolean isClosing() {
        return state.get() >= CLOSING;
    }

    /**
     * Shuts the gate and waits until nobody is inside.
     *
     * @return true to the one caller who is to let go of the guarded thing; false if another was told so before
     * @throws IllegalStateException if somebody is still inside after {@code patienceNanos}; nobody else may enter, the
     *     guarded thing must not be let go of, and this is to be called again later
     */
    public boolean shut(long patienceNanos) {
        state.getAndUpdate(now -> now >= CLOSING ? now : now + CLOSING);
        long deadline = System.nanoTime() + patienceNanos;
        boolean interrupted = false;
        boolean isFirst;
        synchronized (this) {
            while (state.get() != CLOSING) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (leftMillis <= 0) {
                    throw new IllegalStateException(
                            what + " cannot be closed: " + (state.get() - CLOSING) + " readers have not let go of it");
                }
                try {
                    wait(leftMillis);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            isFirst = !isShut;
            isShut = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return isFirst;
    }
}
