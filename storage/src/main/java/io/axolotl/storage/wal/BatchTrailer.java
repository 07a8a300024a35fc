package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;

/**
 * The end of a batch, and its testimony about the past.
 *
 * <p>Immutable.
 *
 * @param link checksum of the record, trailer or header before it
 * @param synced everything before this was known to be durable when the trailer was written
 * @param last id of the last record before it in this segment, or the header's previous
 * @param records how many records the batch holds
 */
record BatchTrailer(Kind kind, int link, LogPosition synced, EntryId last, int records) {
    /** The code of each kind is part of the format. */
    enum Kind {
        /** The batch ends here, the next may follow in the next sector. */
        BATCH(2),
        /** The batch and the segment end here; the next segment exists. */
        SEAL(3),
        /** No batch: says that everything before it is synced. Will be overwritten by the next batch. */
        MARK(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}
