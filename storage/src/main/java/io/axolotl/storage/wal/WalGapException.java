package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;
import java.nio.file.Path;

/** The log begins after the state it would have to continue: entries in between are in neither (fault D29). */
public class WalGapException extends RuntimeException {
    public WalGapException(Path folder, EntryId previous, EntryId floor) {
        super("the log in " + folder + " begins after entry " + previous + ", but the stored state ends at entry "
                + floor + ": the entries between them are in neither. Put back the database or snapshot that belongs"
                + " to this log, or remove this member from the cluster and add it again with an empty data folder");
    }
}
