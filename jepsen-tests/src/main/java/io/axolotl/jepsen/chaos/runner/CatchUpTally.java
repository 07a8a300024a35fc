package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.process.MetricsPage;

/**
 * What one process has got from its peers to catch up, by the difference of what its metrics count. A new process counts from nothing,
 * and so does a new tally. Confined to one thread.
 */
final class CatchUpTally {
    /** By etcd's names, as far as it has them. */
    private static final String SNAPSHOTS = "etcd_network_snapshot_receive_success";

    private static final String SNAPSHOT_BYTES = "axolotl_snapshot_receive_bytes_total";
    private static final String MESSAGE_BYTES = "etcd_network_peer_received_bytes_total";

    private double snapshots;
    private double snapshotBytes;
    private double messageBytes;

    /**
     * How it caught up.
     *
     * @param snapshotBytes of files of snapshots; 0 for etcd, which counts them with the messages
     * @param messageBytes of all messages of its peers since it was last seen beside the others, or since the process began: what it
     *     lacked, what was written meanwhile, and heartbeats
     */
    record Told(boolean isBySnapshot, long snapshotBytes, long messageBytes) {}

    /** It keeps up: what it has got so far is not for catching up. */
    void besideTheOthers(MetricsPage page) {
        snapshots = page.sum(SNAPSHOTS);
        snapshotBytes = page.sum(SNAPSHOT_BYTES);
        messageBytes = page.sum(MESSAGE_BYTES);
    }

    /** It has caught up just now. */
    Told caughtUp(MetricsPage page) {
        Told told = new Told(page.sum(SNAPSHOTS) > snapshots, (long) (page.sum(SNAPSHOT_BYTES) - snapshotBytes), (long)
                (page.sum(MESSAGE_BYTES) - messageBytes));
        besideTheOthers(page);
        return told;
    }
}
