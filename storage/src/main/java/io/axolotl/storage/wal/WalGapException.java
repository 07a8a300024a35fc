package io.axolotl.storage.wal;

import io.axolotl.raft.log.EntryId;
import java.nio.file.Path;

/** The log begins after the state it would have to continue: entries in between are in neither (fault D29). */
public class WalGapException extends RuntimeException {
    private final String place;

    public WalGapException(Path folder, EntryId previous, EntryId floor) {
        this(folder + " begins after entry " + previous + ", but the stored state ends at entry " + floor
                + ": the entries between them are in neither");
    }

    private WalGapException(String place) {
        super("the log in " + place + ". Put back the database or snapshot that belongs"
                + " to this log, or remove this member from the cluster and add it again with an empty data folder");
        this.place = place;
    }

    /** Where and what, in one sentence without a remedy. */
    public String place() {
        return place;
    }
}
