package io.axolotl.server.driver;

import io.axolotl.storage.mvcc.Divergence;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of the pipeline, and which threads it runs on. Immutable.
 *
 * @param snapshots when a snapshot is made, and how much of the log stays before it
 * @param maxPendingProposals unanswered proposals, a power of two
 * @param maxPendingBytes their bytes
 * @param maxPayloadBytes largest encoded command
 * @param diskHangNanos a turn of a stage that may touch the disk and takes longer ends the process (pitfall 25)
 * @param reserveBytes space kept for when the disk is full; 0 keeps none, and nobody watches the disk
 * @param isLogWriterFused the log writer shares the driver's thread
 * @param isApplierFused the applier shares the driver's thread
 * @param acceptedHistory entries whose effects on this member's state are right by the operator's word; null for none
 */
public record Tuning(
        SnapshotPolicy snapshots,
        int maxPendingProposals,
        long maxPendingBytes,
        long maxPayloadBytes,
        long diskHangNanos,
        long reserveBytes,
        boolean isLogWriterFused,
        boolean isApplierFused,
        @Nullable Divergence acceptedHistory) {
    /** Bounds that suit a small machine; every stage on its own thread. */
    public static Tuning defaults() {
        return new Tuning(
                SnapshotPolicy.defaults(), 1 << 16, 128L << 20, 2L << 20, 60_000_000_000L, 0, false, false, null);
    }

    /** The standard policy with other bounds in entries. */
    public Tuning withSnapshots(long entries, long tail) {
        return withSnapshots(SnapshotPolicy.defaults().withEntries(entries, tail));
    }

    public Tuning withSnapshots(SnapshotPolicy policy) {
        return new Tuning(
                policy,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                diskHangNanos,
                reserveBytes,
                isLogWriterFused,
                isApplierFused,
                acceptedHistory);
    }

    public Tuning withMaxPayloadBytes(long bytes) {
        return new Tuning(
                snapshots,
                maxPendingProposals,
                maxPendingBytes,
                bytes,
                diskHangNanos,
                reserveBytes,
                isLogWriterFused,
                isApplierFused,
                acceptedHistory);
    }

    public Tuning withDiskHang(long nanos) {
        return new Tuning(
                snapshots,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                nanos,
                reserveBytes,
                isLogWriterFused,
                isApplierFused,
                acceptedHistory);
    }

    public Tuning withReserveBytes(long bytes) {
        return new Tuning(
                snapshots,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                diskHangNanos,
                bytes,
                isLogWriterFused,
                isApplierFused,
                acceptedHistory);
    }

    public Tuning withFused(boolean logWriter, boolean applier) {
        return new Tuning(
                snapshots,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                diskHangNanos,
                reserveBytes,
                logWriter,
                applier,
                acceptedHistory);
    }

    public Tuning withAcceptedHistory(@Nullable Divergence entries) {
        return new Tuning(
                snapshots,
                maxPendingProposals,
                maxPendingBytes,
                maxPayloadBytes,
                diskHangNanos,
                reserveBytes,
                isLogWriterFused,
                isApplierFused,
                entries);
    }
}
