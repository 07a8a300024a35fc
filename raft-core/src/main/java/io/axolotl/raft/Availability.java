package io.axolotl.raft;

/**
 * How a node trades speed of fail-over and of reads against what has to be assumed. Part of {@link RaftConfig}.
 *
 * <p>Immutable.
 *
 * @param reluctance how much this member would rather not lead, in {@code [0, }{@value #MOST_RELUCTANT}{@code ]}: it waits that
 *     many hundredths of an election timeout longer before it campaigns, and hands leadership to a caught-up voter that is
 *     less reluctant. Equal on all members by default
 * @param isLeaseReads a leader answers reads without asking a quorum while none of those who follow it could have voted for
 *     another (thesis §6.4.1). Has to be the same on all members: it rests on the promises of the others
 * @param leaseDriftNanos taken off a lease for clocks that do not run at the same rate (pitfall 31)
 */
public record Availability(int reluctance, boolean isLeaseReads, long leaseDriftNanos) {
    /** The reluctance of whoever would like everybody else to lead. */
    public static final int MOST_RELUCTANT = 99;

    /** What a node tells of itself that must not be made leader now: its disk is slow, or it may not campaign. */
    public static final int UNFIT = 255;

    public Availability {
        if (reluctance < 0 || reluctance > MOST_RELUCTANT) {
            throw new IllegalArgumentException(
                    "reluctance must be between 0 and " + MOST_RELUCTANT + ", it is " + reluctance);
        }
        if (leaseDriftNanos < 0) {
            throw new IllegalArgumentException("the drift of a lease must not be negative");
        }
    }

    /** All members equal, every read confirmed by a quorum. */
    public static Availability standard() {
        return new Availability(0, false, 0);
    }

    public Availability withReluctance(int newReluctance) {
        return new Availability(newReluctance, isLeaseReads, leaseDriftNanos);
    }

    /** Reads by lease, with this much taken off for drift. */
    public Availability withLeaseReads(long driftNanos) {
        return new Availability(reluctance, true, driftNanos);
    }
}
