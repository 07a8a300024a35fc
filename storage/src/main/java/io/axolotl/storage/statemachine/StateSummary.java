package io.axolotl.storage.statemachine;

import io.axolotl.raft.log.EntryId;

/**
 * What a state holds, in numbers. Immutable.
 *
 * @param compactRevision -1 if nothing was ever compacted
 * @param liveKeys keys that exist at {@code revision}
 * @param events changes of which the history is kept
 */
public record StateSummary(EntryId applied, long revision, long compactRevision, long liveKeys, long events) {}
