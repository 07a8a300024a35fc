package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;

/**
 * A segment that is part of the log. Its records have indices after {@code previous}; some may be superseded by later
 * records of the same index, here or in a later segment.
 *
 * <p>Immutable.
 *
 * @param previous the entry before its first record
 */
record WalSegment(SegmentFile file, EntryId previous) {}
