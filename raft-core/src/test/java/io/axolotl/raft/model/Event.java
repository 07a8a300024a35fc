package io.axolotl.raft.model;

/**
 * What can happen to one node. Those with a budget happen at most as often as the model says, in the whole cluster.
 */
@SuppressWarnings("EnumOrdinal") // The numbers are of one search.
enum Event {
    /** A message arrives, and is gone. */
    RECEIVE(false),
    /** A message arrives, and will again. */
    RECEIVE_COPY(true),
    /** An election timeout passes on this node's clock. */
    ELECTION_TIMEOUT(true),
    /** A heartbeat interval passes on the clock of a leader. */
    HEARTBEAT(true),
    /** The oldest write that waits is synced, and what rested on it leaves. */
    SYNC(false),
    /** The core is told of all that was synced. Comes with {@link #SYNC} unless the model takes them apart. */
    REPORT(false),
    /** A {@code Ready} is taken and obeyed. Comes with every step unless the model takes them apart. */
    READY(false),
    /** The process ends, what was not synced is lost, and it starts again. To stay down is to receive nothing. */
    RESTART(true),
    /** A leader is given a command. */
    PROPOSE(true),
    /** A leader is asked for the model's change of the membership. */
    CHANGE(true),
    /** A node is asked for a read. */
    READ(true);

    private static final int BITS = 4;
    private static final Event[] ALL = values();

    private final boolean hasBudget;

    Event(boolean hasBudget) {
        this.hasBudget = hasBudget;
    }

    boolean hasBudget() {
        return hasBudget;
    }

    static Event of(int number) {
        return ALL[number];
    }

    int number() {
        return ordinal();
    }

    /** How often it has happened. */
    int count(long counts) {
        return (int) (counts >>> (number() * BITS)) & ((1 << BITS) - 1);
    }

    /** The counts after it has happened once more. */
    long counted(long counts) {
        return counts + (1L << (number() * BITS));
    }
}
