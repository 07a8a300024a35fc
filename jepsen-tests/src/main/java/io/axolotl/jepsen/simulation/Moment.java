package io.axolotl.jepsen.simulation;

/**
 * A named point in the work of a node, where an {@link Ambush} may wait (P2). Between two of them, and between any two disk
 * operations, chance strikes as well; these are the places that it would hardly ever hit.
 */
enum Moment {
    /** The process has recovered, and has said nothing yet. */
    STARTED,
    /** The driver has looked at the clock, and has not gathered the reads that wait. */
    CLOCK_READ,
    /** A candidate's request has arrived. */
    ASKED_FOR_VOTE,
    /** A term, a vote or a commit index is about to be handed to the log writer. */
    PROMISE_TO_BE_WRITTEN,
    /** It has just been elected. */
    ELECTED,
    /** It leads no more. */
    DEPOSED,
    /** Entries of another leader are about to be cut. */
    SUFFIX_TO_BE_CUT,
    /** A change of the membership is in force, and nobody has it on disk. */
    MEMBERSHIP_APPENDED,
    /** Entries are committed, and about to be handed to the applier. */
    COMMITTED,
    /** Reads are confirmed or refused, and nobody is told. */
    READS_DECIDED,
    /** The log writer begins a batch. */
    BATCH_TO_BE_WRITTEN,
    /** A batch is durable, and nobody is told. */
    BATCH_WRITTEN,
    /** Messages that rested on a batch have left. */
    BATCH_TOLD,
    /** The applier is about to apply. */
    TO_BE_APPLIED,
    /** Something was applied; clients were told. */
    APPLIED,
    /** A snapshot is durable, and the core does not know of it. */
    SNAPSHOT_TAKEN,
    /** The log behind a snapshot is about to be cut. */
    LOG_TO_BE_CUT,
    /** All of a snapshot was received from a peer, and the core does not know of it. */
    SNAPSHOT_RECEIVED,
    /** The core wants a received snapshot in place of log and state. */
    INSTALL_BEGINS,
    /** A received snapshot is in place, and the core does not know of it. */
    INSTALL_ENDS,
    /** The worker has finished something slow. */
    WORK_DONE
}
