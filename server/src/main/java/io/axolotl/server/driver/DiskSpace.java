package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCost;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.SpaceReserve;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the room on the disk and acts before the log needs it (pitfall 58, D1):
 *
 * <ul>
 *   <li>low, below half the reserve: the reserve is given back, and lets deletes and compaction go on. Commands that add data
 *       are refused here, also those that others forward, and leadership is handed over to a member that may have room.
 *   <li>exhausted, below a quarter of the reserve though it was given back: nothing is proposed here any more, and entries
 *       that a leader sends are left unanswered. Heartbeats are answered, so nobody is disturbed, and reads go on.
 *   <li>ample again, above twice the reserve: the reserve is made again, and all is as before.
 * </ul>
 *
 * <p>{@link #refuses} is safe for all threads; the rest is confined to the thread that runs the stage.
 */
final class DiskSpace implements Stage {
    private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);
    private static final long GROW_BYTES = 2L << 20;
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A member that still leads so long after it began to hand over has not found its heir ready, and tries again. */
    private static final long HAND_OVER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final SpaceReserve reserve;
    private final Member member;
    private final LongSupplier clock;
    private final PipelineMetrics metrics;
    private long nextLookNanos;
    private boolean isWhole;
    private boolean hasHandedOver;
    private boolean isHandingOver;
    private long nextHandOverNanos;
    private volatile State state = State.AMPLE;

    /** From plenty to none. */
    enum State {
        AMPLE(0),
        LOW(1),
        EXHAUSTED(2);

        /** What the metric says. */
        private final int shortage;

        State(int shortage) {
            this.shortage = shortage;
        }
    }

    /**
     * What this needs of the member around it. Safe for all threads.
     *
     * @param refuseEntries whether entries from a leader are to be left unanswered
     * @param onRoom called when there is room that was not there before
     */
    record Member(
            Supplier<NodeView> view, Consumer<NodeId> handOverTo, Consumer<Boolean> refuseEntries, Runnable onRoom) {}

    DiskSpace(SpaceReserve reserve, Member member, LongSupplier clock, PipelineMetrics metrics) {
        this.reserve = reserve;
        this.member = member;
        this.clock = clock;
        this.metrics = metrics;
        this.nextLookNanos = clock.getAsLong();
    }

    /** Whether {@link #refuses} may say yes. */
    boolean isShort() {
        return state != State.AMPLE;
    }

    /** Whether this command must not be proposed now. */
    boolean refuses(Command command) {
        State now = state;
        return now == State.EXHAUSTED || (now == State.LOW && CommandCost.addedBytes(command) > 0);
    }

    @Override
    public boolean runOnce() {
        long nowNanos = clock.getAsLong();
        if (nowNanos - nextLookNanos >= 0) {
            nextLookNanos = nowNanos + LOOK_EVERY_NANOS;
            look();
        }
        return false;
    }

    private void look() {
        long freeBytes = reserve.freeBytes();
        State before = state;
        if (freeBytes >= 2 * reserve.sizeBytes()) {
            if (!isWhole) {
                growReserve();
            }
            enter(State.AMPLE, freeBytes);
        } else if (before == State.AMPLE && freeBytes >= reserve.sizeBytes() / 2) {
            // Less than it was, and enough.
            enter(State.AMPLE, freeBytes);
        } else {
            if (before == State.AMPLE) {
                reserve.release();
                isWhole = false;
                freeBytes = reserve.freeBytes();
                member.onRoom.run();
            }
            enter(freeBytes < reserve.sizeBytes() / 4 ? State.EXHAUSTED : State.LOW, freeBytes);
            handOver();
        }
    }

    private void growReserve() {
        try {
            reserve.grow(GROW_BYTES);
            isWhole = reserve.isWhole();
        } catch (DiskFullException e) {
            log.warn("the reserve of {} bytes could not be made: {}", reserve.sizeBytes(), e.getMessage());
        }
    }

    private void enter(State next, long freeBytes) {
        State before = state;
        state = next;
        metrics.diskSpace(freeBytes, next.shortage);
        if (next == before) {
            return;
        }
        member.refuseEntries.accept(next == State.EXHAUSTED);
        if (next == State.AMPLE) {
            hasHandedOver = false;
            isHandingOver = false;
            member.onRoom.run();
            log.warn("there is room on the disk again ({} bytes): everything is taken again", freeBytes);
        } else if (next == State.LOW) {
            log.error(
                    "THE DISK IS ALMOST FULL ({} bytes are left, the reserve included). Commands that add data are refused"
                            + " here; reads, deletes and compaction go on. Make room",
                    freeBytes);
        } else {
            log.error(
                    "THE DISK IS FULL ({} bytes are left, the reserve is used up). Nothing more is written here; reads go"
                            + " on. The other members go on without this one. Make room",
                    freeBytes);
        }
    }

    /** Until it has come about, once in each shortage: whoever hands leadership back has no room either. */
    private void handOver() {
        NodeView view = member.view.get();
        if (!view.isLeader()) {
            hasHandedOver |= isHandingOver;
            return;
        }
        long nowNanos = clock.getAsLong();
        if (hasHandedOver || (isHandingOver && nowNanos - nextHandOverNanos < 0)) {
            return;
        }
        view.peers().stream()
                .filter(peer -> peer.isRecentlyActive() && view.membership().isVoter(peer.peer()))
                .max(Comparator.comparingLong(NodeView.PeerView::matchIndex))
                .ifPresent(best -> {
                    isHandingOver = true;
                    nextHandOverNanos = nowNanos + HAND_OVER_NANOS;
                    log.warn("handing leadership to member {}, for the disk here is full", best.peer());
                    member.handOverTo.accept(best.peer());
                });
    }

    @Override
    public long maxParkNanos() {
        return LOOK_EVERY_NANOS;
    }

    @Override
    public void wakes(Waker waker) {
        // Looks by the clock alone.
    }
}
