package io.axolotl.server.driver;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.ProposalCallback;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way, from {@link NodeService#propose} to its outcome.
 *
 * <p>What is final is safe for all threads. Where it has been sent is confined to the driver thread, which alone decides
 * between refused and unknown.
 */
final class Proposal implements Arrival {
    /** What each proposal is charged besides its payload. */
    private static final int OVERHEAD_BYTES = 128;

    final long number;
    final byte[] payload;
    final ProposalCallback callback;
    final long startNanos;

    /** Whether some leader may have it in its log and may still commit it. */
    private boolean isOut;

    private long outTerm;
    private @Nullable NodeId outTo;

    /** Whether what an entry of a later term proves still holds for it: not once a snapshot hid what was applied. */
    private boolean isTraceable = true;

    Proposal(long number, byte[] payload, ProposalCallback callback, long startNanos) {
        this.number = number;
        this.payload = payload;
        this.callback = callback;
        this.startNanos = startNanos;
    }

    int sizeBytes() {
        return OVERHEAD_BYTES + payload.length;
    }

    /** It is in the log of this node, or on its way to {@code to}, to be appended in {@code term} or never. */
    void sentOut(long term, @Nullable NodeId to) {
        isOut = true;
        outTerm = term;
        outTo = to;
        isTraceable = true;
    }

    /** Certain now: nobody has it, or nobody can commit it any more. */
    void cameBack() {
        isOut = false;
        outTo = null;
    }

    /** A snapshot replaced the state: whether this was applied before it can no longer be seen. */
    void lostFromSight() {
        isTraceable = false;
    }

    boolean isOut() {
        return isOut;
    }

    boolean wasForwardedTo(NodeId node, long term) {
        return isOut && outTerm == term && node.equals(outTo);
    }

    /** Whether an applied entry of {@code term} proves that this one is lost if it has not been applied by then. */
    boolean isLostBy(long term) {
        return isOut && isTraceable && outTerm < term;
    }
}
