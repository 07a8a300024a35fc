package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;

/**
 * An opened log and what opening it took, for the recovery report.
 *
 * @param wal the log, ready to be appended to; every entry in it is durable
 * @param segments files read
 * @param entries records read, superseded ones included
 * @param bytes bytes of files read
 * @param tornBytes bytes of a batch that was being written when the process ended, and was cut
 * @param droppedSegments files that were not needed any more: a crash had kept them from being dropped
 * @param foundLast the last entry that was found
 * @param isReset whether the log was replaced by an empty one after the floor, since it ended before the floor or held
 *     another entry there
 * @param nanos time that opening took
 */
public record WalRecovery(
        Wal wal,
        int segments,
        long entries,
        long bytes,
        long tornBytes,
        int droppedSegments,
        EntryId foundLast,
        boolean isReset,
        long nanos) {}
