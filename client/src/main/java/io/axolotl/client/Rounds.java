package io.axolotl.client;

import java.util.HashSet;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;

/**
 * The attempts of one call over the places where it may be made: at each that has not failed it in this round, at once; after a
 * round, or where there is too much to do, a pause. Knows no clock and no connection, so that the simulator runs it on its own
 * time.
 *
 * <p>The attempts of a call follow each other, and so do the calls of this; it needs no lock.
 *
 * @param <P> a place
 */
final class Rounds<P> {
    private final RetryPolicy policy;
    private final Set<P> tried = new HashSet<>();
    private int ended;

    Rounds(RetryPolicy policy) {
        this.policy = policy;
    }

    /** The places that have failed the call in this round. */
    Set<P> tried() {
        return tried;
    }

    /**
     * An attempt has failed in a way that allows another one.
     *
     * @param isAnyLeft whether there is a place that is not among these
     * @param chance uniform in [0, 1), asked only if there is a pause
     * @return nanoseconds until the next attempt may begin
     */
    long failedAt(P place, Verdict verdict, Predicate<Set<P>> isAnyLeft, DoubleSupplier chance) {
        tried.add(place);
        if (verdict != Verdict.BUSY && isAnyLeft.test(tried)) {
            return 0;
        }
        tried.clear();
        ended++;
        return policy.pauseNanos(ended, chance.getAsDouble());
    }
}
