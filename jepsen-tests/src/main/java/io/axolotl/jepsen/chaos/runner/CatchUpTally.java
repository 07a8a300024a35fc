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
     * What a process got between two looks.
     *
     * @param snapshotBytes of files of snapshots; 0 for etcd, which counts them with the messages
     * @param messageBytes of all messages of its peers: what it lacked, what was written meanwhile, and heartbeats
     */
    record Told(boolean isBySnapshot, long snapshotBytes, long messageBytes) {}

    /** What has come since the last page of this process. */
    Told since(MetricsPage page) {
        Told told = new Told(
                page.sum(SNAPSHOTS) > snapshots,
                more(page.sum(SNAPSHOT_BYTES), snapshotBytes),
                more(page.sum(MESSAGE_BYTES), messageBytes));
        snapshots = page.sum(SNAPSHOTS);
        snapshotBytes = page.sum(SNAPSHOT_BYTES);
        messageBytes = page.sum(MESSAGE_BYTES);
        return told;
    }

    /** A process that has just begun may be asked before it is seen that it is another one; it counts from nothing. */
    private static long more(double now, double before) {
        return (long) Math.max(0, now - before);
    }
}
