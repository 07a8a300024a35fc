package io.axolotl.raft.model;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import java.util.List;

/**
 * One state of one node, and the events that first led to it.
 *
 * <p>Immutable.
 *
 * @param parent the state before, -1 at the beginning
 * @param code the event between, see {@link Automaton#code}
 * @param hashes under each renaming of the model
 * @param log as the node has told it, from index 1 on
 * @param onDisk what a crash would leave of it
 */
record LocalState(
        int id,
        NodeId node,
        int parent,
        int code,
        long[] hashes,
        boolean isLeader,
        long term,
        List<Entry> log,
        List<Entry> onDisk,
        long commitIndex,
        Membership inForce,
        int waitingCount,
        int unreportedCount,
        boolean hasReady) {}
