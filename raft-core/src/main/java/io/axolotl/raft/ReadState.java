package io.axolotl.raft;

/**
 * The answer to one {@link Input.ReadIndex}.
 *
 * <p>Immutable.
 */
public sealed interface ReadState {
    long readId();

    /** Serve the read once everything through {@code index} has been applied. */
    record Confirmed(long readId, long index) implements ReadState {}

    /**
     * Leadership could not be confirmed (no leader, leader changed, time ran out). The read was not served; ask again
     * with a fresh id.
     */
    record Refused(long readId) implements ReadState {}
}
