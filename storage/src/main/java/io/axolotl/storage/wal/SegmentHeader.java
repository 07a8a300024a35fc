package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;

/**
 * The first sector of a segment.
 *
 * <p>Immutable.
 *
 * @param sequence number of the segment, never used twice in one log
 * @param isStart the log begins here: lower segments are void. Such a header is synced before anything follows it
 * @param previous the entry before the first record; entries of lower segments after it are cut
 * @param sizeBytes size of the file
 * @param link checksum of the seal of the segment before; 0 if {@code isStart}
 */
record SegmentHeader(long sequence, boolean isStart, EntryId previous, long sizeBytes, int link) {}
