package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What is durable once the writes of one {@link Ready} have been synced. Echoed by {@link Input.Persisted}.
 *
 * <p>The epoch counts how often this node's log suffix was cut or replaced. An entry may be appended, cut, and appended
 * again with the same id while the first write is still on its way; the epoch keeps that first write from vouching for
 * the second (pitfall 15).
 *
 * <p>Immutable.
 *
 * @param logEpoch counts truncations of the suffix and snapshot installs in the life of this node object
 * @param term the durable term
 * @param votedFor the durable vote in that term
 * @param lastEntry the last entry of the log as written
 */
public record PersistToken(
        long logEpoch, long term, @Nullable NodeId votedFor, EntryId lastEntry) {}
