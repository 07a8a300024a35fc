package io.axolotl.raft;

/**
 * Settings of one node, checked when built.
 *
 * <p>Immutable.
 *
 * @param heartbeatIntervalNanos how often a leader speaks to each follower at least
 * @param electionTimeoutNanos the shortest silence after which a follower campaigns; the actual one is redrawn from
 *     {@code [electionTimeoutNanos, 2 * electionTimeoutNanos)} each time (pitfall 22)
 * @param maxEntriesPerAppend bound on entries in one AppendEntries
 * @param maxBytesPerAppend bound on {@code Entry.sizeBytes} in one AppendEntries; one entry always goes
 * @param maxInflightAppends bound on unanswered AppendEntries per follower
 * @param maxInflightBytes bound on the bytes in them
 * @param maxUncommittedBytes a leader refuses proposals while more than this waits to be committed
 * @param maxApplyingBytes committed entries given out but not yet reported applied
 * @param maxCachedBytes how much of the persisted tail of the log is kept in memory beside the unpersisted part
 * @param isPreVote ask before campaigning (thesis §9.6)
 * @param isCheckQuorum a leader that has not heard from a quorum for an election timeout steps down (thesis §6.2)
 * @param availability who would rather lead, and how reads are confirmed
 */
public record RaftConfig(
        long heartbeatIntervalNanos,
        long electionTimeoutNanos,
        int maxEntriesPerAppend,
        long maxBytesPerAppend,
        int maxInflightAppends,
        long maxInflightBytes,
        long maxUncommittedBytes,
        long maxApplyingBytes,
        long maxCachedBytes,
        boolean isPreVote,
        boolean isCheckQuorum,
        Availability availability) {

    public RaftConfig {
        require(heartbeatIntervalNanos > 0, "heartbeat interval must be positive");
        require(
                electionTimeoutNanos / 5 >= heartbeatIntervalNanos,
                "election timeout must be at least five heartbeat intervals");
        require(maxEntriesPerAppend > 0 && maxBytesPerAppend > 0, "append bounds must be positive");
        require(maxInflightAppends > 0 && maxInflightBytes > 0, "in-flight bounds must be positive");
        require(maxUncommittedBytes > 0 && maxApplyingBytes > 0, "queue bounds must be positive");
        require(maxCachedBytes >= 0, "the cache bound must not be negative");
        require(
                isCheckQuorum || !availability.isLeaseReads(),
                "lease reads rest on votes that are withheld, which goes with the check of the quorum");
        require(
                availability.leaseDriftNanos() < electionTimeoutNanos,
                "the drift of a lease must be less than the election timeout");
    }

    /** With the {@link Availability#standard standard} availability. */
    public RaftConfig(
            long heartbeatIntervalNanos,
            long electionTimeoutNanos,
            int maxEntriesPerAppend,
            long maxBytesPerAppend,
            int maxInflightAppends,
            long maxInflightBytes,
            long maxUncommittedBytes,
            long maxApplyingBytes,
            long maxCachedBytes,
            boolean isPreVote,
            boolean isCheckQuorum) {
        this(
                heartbeatIntervalNanos,
                electionTimeoutNanos,
                maxEntriesPerAppend,
                maxBytesPerAppend,
                maxInflightAppends,
                maxInflightBytes,
                maxUncommittedBytes,
                maxApplyingBytes,
                maxCachedBytes,
                isPreVote,
                isCheckQuorum,
                Availability.standard());
    }

    /** etcd's timeouts (100 ms and 1000 ms) and bounds that suit a small machine. */
    public static RaftConfig defaults() {
        return new RaftConfig(
                100_000_000L, 1_000_000_000L, 4096, 1 << 20, 64, 16 << 20, 64 << 20, 32 << 20, 32 << 20, true, true);
    }

    /** The same settings with other timeouts. */
    public RaftConfig withTimeouts(long newHeartbeatIntervalNanos, long newElectionTimeoutNanos) {
        return new RaftConfig(
                newHeartbeatIntervalNanos,
                newElectionTimeoutNanos,
                maxEntriesPerAppend,
                maxBytesPerAppend,
                maxInflightAppends,
                maxInflightBytes,
                maxUncommittedBytes,
                maxApplyingBytes,
                maxCachedBytes,
                isPreVote,
                isCheckQuorum,
                availability);
    }

    /** The same settings with another availability. */
    public RaftConfig withAvailability(Availability newAvailability) {
        return new RaftConfig(
                heartbeatIntervalNanos,
                electionTimeoutNanos,
                maxEntriesPerAppend,
                maxBytesPerAppend,
                maxInflightAppends,
                maxInflightBytes,
                maxUncommittedBytes,
                maxApplyingBytes,
                maxCachedBytes,
                isPreVote,
                isCheckQuorum,
                newAvailability);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
