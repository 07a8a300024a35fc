package io.axolotl.server.api.admission;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Something of which there is only so much, and who holds how much of it. A client may come to hold at most {@value #SHARE} times
 * what is free then, so it is never all that is taken by those who came first. All clients of one host together may come to hold
 * {@value #HOST_SHARE} times what is free: many connections are no way to get all.
 *
 * <p>Safe for all threads. Calls that race may pass the bound by what they ask for together.
 */
final class Bound {
    /** One client alone comes to three quarters, n of them to 3 / (3n + 1) each. */
    static final int SHARE = 3;

    /** Of a host: one alone comes to fifteen sixteenths, for behind one address there may be many who mean well. */
    static final int HOST_SHARE = 15;

    private final AtomicLong taken = new AtomicLong();

    /** Whether it was given, and if not, why. */
    enum Outcome {
        TAKEN,
        /** There is too little for anybody. */
        USED_UP,
        /** There is enough for one that holds less. */
        BEYOND_SHARE
    }

    /**
     * Takes {@code amount} of {@code limit} for a client.
     *
     * @param held what this client holds already
     * @param heldByHost and what all of its host do
     */
    Outcome take(AtomicLong held, AtomicLong heldByHost, long amount, long limit) {
        long free = limit - taken.get();
        if (amount > free) {
            return Outcome.USED_UP;
        }
        if (isBeyond(SHARE, held, amount, free) || isBeyond(HOST_SHARE, heldByHost, amount, free)) {
            return Outcome.BEYOND_SHARE;
        }
        add(held, heldByHost, amount);
        return Outcome.TAKEN;
    }

    /** Who holds nothing yet is always within. */
    private static boolean isBeyond(int share, AtomicLong held, long amount, long free) {
        return held.get() > 0 && held.get() + amount > share * (free - amount);
    }

    private void add(AtomicLong held, AtomicLong heldByHost, long amount) {
        taken.addAndGet(amount);
        held.addAndGet(amount);
        heldByHost.addAndGet(amount);
    }

    void giveBack(AtomicLong held, AtomicLong heldByHost, long amount) {
        add(held, heldByHost, -amount);
    }

    long taken() {
        return taken.get();
    }
}
