package io.axolotl.server.driver;

/**
 * Bounds of the pipeline, and which threads it runs on. Immutable.
 *
 * @param snapshotEntries a snapshot is made after this many applied entries
 * @param tailEntries how many entries stay in the log before the newest snapshot, for followers a little behind
 * @param maxLogBytes a log that grows past this gets a snapshot earlier and keeps no tail
 * @param maxPendingProposals unanswered proposals, a power of two
 * @param maxPendingBytes their bytes
 * @param maxPayloadBytes largest encoded command
 * @param diskHangNanos a turn of a stage that may touch the disk and takes longer ends the process (pitfall 25)
 * @param isLogWriterFused the log writer shares the driver's thread
 * @param isApplierFused the applier shares the driver's thread
 */
public record Tuning(
        long snapshotEntries,
        long tailEntries,
        long maxLogBytes,
        int maxPendingProposals,
        long maxPendingBytes,
        long maxPayloadBytes,
        long diskHangNanos,
        boolean isLogWriterFused,
        boolean isApplierFused) {
    /** etcd's snapshot count and tail, and bounds that suit a small machine; every stage on its own thread. */
    public static Tuning defaults() {
        return new Tuning(10_000, 5_000, 512L << 20, 1 << 16, 128L << 20, 2L << 20, 60_000_000_000L, false, false);
    }

    public Tuning withSnapshots(long entries, long tail) {
        return new Tuning(
                entries,
                tail,
                maxLogBytes,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                diskHangNanos,
                isLogWriterFused,
                isApplierFused);
    }

    public Tuning withMaxPayloadBytes(long bytes) {
        return new Tuning(
                snapshotEntries,
                tailEntries,
                maxLogBytes,
                maxPendingProposals,
                maxPendingBytes,
                bytes,
                diskHangNanos,
                isLogWriterFused,
                isApplierFused);
    }

    public Tuning withDiskHang(long nanos) {
        return new Tuning(
                snapshotEntries,
                tailEntries,
                maxLogBytes,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                nanos,
                isLogWriterFused,
                isApplierFused);
    }

    public Tuning withFused(boolean logWriter, boolean applier) {
        return new Tuning(
                snapshotEntries,
                tailEntries,
                maxLogBytes,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                diskHangNanos,
                logWriter,
                applier);
    }
}
