package io.axolotl.jepsen.failover;

import org.jspecify.annotations.Nullable;

/**
 * What one fault cost. Times are in milliseconds; those without another start count from just before the fault was injected. A time
 * that is null did not come while it was looked for. Immutable.
 *
 * @param victim the leader that was hurt
 * @param writeGapMillis longest time without an acknowledged write through any surviving member, from the fault until it was undone
 * @param slowestMemberGapMillis the same through that surviving member that was worst off
 * @param readGapMillis longest time without a linearizable read, through any surviving member
 * @param noticedMillis until a surviving member said that it no longer follows the victim
 * @param newLeaderMillis until a surviving member named another leader
 * @param firstWriteMillis until the first acknowledged write after that
 * @param rateBefore steady writes a second before the fault, through the members that survive it
 * @param rateDuring the same over the whole time of the fault
 * @param halfRateMillis until the start of the first two seconds in which steady writes had half of that rate
 * @param healGapMillis longest time without an acknowledged write after the fault was undone
 * @param rejoinMillis from undoing the fault until the victim had applied all that was committed before it was undone
 * @param servesMillis from undoing the fault until the victim acknowledged a write again
 */
record Repetition(
        String victim,
        double writeGapMillis,
        double slowestMemberGapMillis,
        double readGapMillis,
        @Nullable Double noticedMillis,
        @Nullable Double newLeaderMillis,
        @Nullable Double firstWriteMillis,
        double rateBefore,
        double rateDuring,
        @Nullable Double halfRateMillis,
        double healGapMillis,
        @Nullable Double rejoinMillis,
        @Nullable Double servesMillis) {

    /** From nanos, to a tenth of a millisecond. */
    static double millis(long nanos) {
        return Math.round(nanos / 1e5) / 10.0;
    }

    /** As {@link #millis}, of a moment after another; null if it is {@link Long#MAX_VALUE}, never. */
    static @Nullable Double millis(long momentNanos, long startNanos) {
        return momentNanos == Long.MAX_VALUE ? null : millis(Math.max(0, momentNanos - startNanos));
    }
}
