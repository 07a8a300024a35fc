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
     * As {@link Confirmed}, by a lease: holds if, after the read was asked, a look at the clock finds it earlier than {@code
     * untilNanos}. The caller takes that look (pitfall 32): it may have been held up before it gave the core the time.
     *
     * @param untilNanos on the clock of {@link Input.Tick}
     */
    record Leased(long readId, long index, long untilNanos) implements ReadState {}

    /**
     * Leadership could not be confirmed (no leader, leader changed, time ran out). The read was not served; ask again
     * with a fresh id.
     */
    record Refused(long readId) implements ReadState {}
}
