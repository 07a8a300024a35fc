package io.axolotl.raft.replication;

/** How a leader treats one follower. */
public enum ProgressState {
    /** Where the logs meet is unknown: one request at a time, repeated each heartbeat interval. */
    PROBE("probe"),
    /** The logs met; requests go out ahead of their answers. */
    REPLICATE("replicate"),
    /** A snapshot is under way; no entries until it has ended. */
    SNAPSHOT("snapshot");

    private final String word;

    ProgressState(String word) {
        this.word = word;
    }

    /** The state as views and trace events write it. */
    @Override
    public String toString() {
        return word;
    }
}
