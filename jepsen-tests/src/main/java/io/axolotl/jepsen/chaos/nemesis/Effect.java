package io.axolotl.jepsen.chaos.nemesis;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Whether a fault that is there is felt: what was done must show in what it was done to, or it was nothing. Asked again and again by one
 * thread while the fault is there, until it is seen.
 */
@FunctionalInterface
interface Effect {
    /** What a look tells. Constants. */
    enum Seen {
        YES,
        NOT_YET,
        /** It cannot be looked at, or another fault stands in the way. */
        HIDDEN
    }

    /** Of a fault that nobody can look at. */
    Effect HIDDEN = () -> Seen.HIDDEN;

    Seen look();

    static Effect of(BooleanSupplier isFelt) {
        return () -> isFelt.getAsBoolean() ? Seen.YES : Seen.NOT_YET;
    }

    /** What was found out while it was done. */
    static Effect known(boolean isFelt) {
        return of(() -> isFelt);
    }

    /**
     * Looks until it is seen.
     *
     * @param isOver whether there is no time left; looks once at least
     * @param pause waits between two looks, at most so many nanoseconds
     * @return what the last look told
     */
    default Seen await(BooleanSupplier isOver, LongConsumer pause, long pauseNanos) {
        while (true) {
            Seen seen;
            try {
                seen = look();
            } catch (RuntimeException e) {
                // Whom it was done to is gone, or says nothing now.
                seen = Seen.HIDDEN;
            }
            if (seen == Seen.YES || isOver.getAsBoolean()) {
                return seen;
            }
            pause.accept(pauseNanos);
        }
    }
}
