package io.axolotl.server.api.admission;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Something of which there is only so much, and who holds how much of it. A client may come to hold at most {@value #SHARE} times
 * what is free then, so it is never all that is taken by those who came first.
 *
 * <p>Safe for all threads. Calls that race may pass the bound by what they ask for together.
 */
final class Bound {
    /** One client alone comes to three quarters, n of them to 3 / (3n + 1) each. */
    static final int SHARE = 3;

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
     */
    Outcome take(AtomicLong held, long amount, long limit) {
        long free = limit - taken.get();
        if (amount > free) {
            return Outcome.USED_UP;
        }
        if (held.get() + amount > SHARE * (free - amount) && held.get() > 0) {
            return Outcome.BEYOND_SHARE;
        }
        add(held, amount);
        return Outcome.TAKEN;
    }

    void add(AtomicLong held, long amount) {
        taken.addAndGet(amount);
        held.addAndGet(amount);
    }

    void giveBack(AtomicLong held, long amount) {
        taken.addAndGet(-amount);
        held.addAndGet(-amount);
    }

    long taken() {
        return taken.get();
    }
}
