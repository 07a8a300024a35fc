package io.axolotl.storage.mvcc;

import io.axolotl.raft.log.EntryId;

/**
 * What a store holds, in four numbers: two members that have applied the same log up to the same entry have equal digests
 * (I7), whatever their disks look like and however far each has come with removing compacted history.
 *
 * <p>Immutable.
 *
 * @param crc32c over all live keys with every field, all history above the compaction floor, membership and the
 *     attributes of members
 */
public record Digest(EntryId applied, long revision, long compactRevision, int crc32c) {
    @Override
    public String toString() {
        return String.format("%08x at %s, revision %d, compacted %d", crc32c, applied, revision, compactRevision);
    }
}
