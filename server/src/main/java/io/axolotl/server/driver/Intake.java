package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerInbox;
import io.axolotl.server.stage.BatchQueue;

/**
 * The driver's queue, seen from the network. What is bulky is turned away when the queue is full: entries are sent again
 * by the leader, forwarded proposals go back to who sent them. What is small and urgent is always taken.
 *
 * <p>Safe for all threads.
 */
public final class Intake implements PeerInbox {
    private static final int MAX_ARRIVALS = 200_000;
    static final long MAX_BYTES = 64L << 20;

    private final BatchQueue<Arrival> queue = new BatchQueue<>(MAX_ARRIVALS, MAX_BYTES);
    private final PipelineMetrics metrics;
    private volatile boolean refusesEntries;

    public Intake(PipelineMetrics metrics) {
        this.metrics = metrics;
    }

    BatchQueue<Arrival> queue() {
        return queue;
    }

    @Override
    public void receive(NodeId from, Message message, long bytes) {
        if (message instanceof Message.InstallSnapshot install && install.term() == DivergenceGuard.REPAIR_TERM) {
            queue.add(new Arrival.RepairReceived(from, install.snapshot()), 0);
            return;
        }
        Arrival arrival = new Arrival.OfCore(new Input.Receive(from, message));
        if (!(message instanceof Message.AppendEntries append)) {
            queue.add(arrival, bytes);
        } else if ((refusesEntries && !append.entries().isEmpty()) || !queue.offer(arrival, bytes)) {
            metrics.inputDropped();
        }
    }

    /** Whether entries are turned away, as if they had been lost, since there is no room for them on the disk. */
    void refuseEntries(boolean itDoes) {
        refusesEntries = itDoes;
    }

    @Override
    public void forwarded(NodeId from, Forward forward) {
        if (!queue.offer(new Arrival.Forwarded(from, forward), forward.sizeBytes())) {
            metrics.inputDropped();
            ForwardRefused refusal = new ForwardRefused(forward.term(), forward.numbers(), ForwardRefused.Why.BUSY);
            queue.add(new Arrival.ForwardTurnedAway(from, refusal), 0);
        }
    }

    @Override
    public void forwardRefused(NodeId from, ForwardRefused refused) {
        queue.add(new Arrival.ForwardAnswered(from, refused), 0);
    }

    @Override
    public void reported(NodeId from, HistoryReport report) {
        if (!queue.offer(new Arrival.Reported(from, report), report.sizeBytes())) {
            metrics.inputDropped();
        }
    }

    @Override
    public void unreachable(NodeId peer) {
        queue.add(new Arrival.OfCore(new Input.PeerUnreachable(peer)), 0);
    }

    @Override
    public void snapshotWanted() {
        queue.add(new Arrival.SnapshotWanted(), 0);
    }

    @Override
    public void reachable(long withinNanos) {
        queue.add(new Arrival.OfCore(new Input.Reachable(withinNanos)), 0);
    }

    @Override
    public void gone(NodeId peer) {
        queue.add(new Arrival.OfCore(new Input.PeerGone(peer)), 0);
    }

    @Override
    public void snapshotFailed(NodeId peer) {
        queue.add(new Arrival.OfCore(new Input.SnapshotFailed(peer)), 0);
    }
}
