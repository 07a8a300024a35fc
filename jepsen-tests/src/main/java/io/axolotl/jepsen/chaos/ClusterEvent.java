package io.axolotl.jepsen.chaos;

/**
 * Something a member reported or that was seen of it.
 *
 * @param kind "leader", "election", "recovery", "exit", "start", "snapshot-install", "caught-up"
 * @param detail in words
 * @param bytes where it applies else 0
 */
public record ClusterEvent(long atNanos, int member, String kind, String detail, long bytes) {
    /** Ends what is told of a member that has caught up and did not answer when it was asked how. */
    public static final String UNTOLD = " by a way that it did not tell";
}
