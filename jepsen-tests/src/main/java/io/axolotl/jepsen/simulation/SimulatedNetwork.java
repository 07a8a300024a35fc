package io.axolotl.jepsen.simulation;

import io.axolotl.raft.message.Message;
import io.axolotl.raft.message.Message.AppendEntries;
import io.axolotl.raft.message.Message.AppendEntriesResponse;

/**
 * Carries messages between nodes: late, twice, out of order or not at all. A cut link loses what is sent while it is cut
 * and what arrives while it is cut.
 *
 * <p>As in production entries and everything else travel by separate streams (pitfall 24), so they overtake each other
 * even when each stream keeps its order.
 *
 * <p>Nodes are named by their place, from 0. Confined to the simulation's thread.
 */
final class SimulatedNetwork {
    /** Takes what arrives. */
    interface Receiver {
        void receive(int from, int to, Message message);
    }

    private static final int STREAMS = 2;

    private final VirtualTime time;
    private final Chance chance;
    private final SimulationSettings.Network settings;
    private final Marks marks;
    private final Receiver receiver;
    private final boolean[][] isCut;
    private final long[][][] lastArrivalNanos;
    private double extraLoss;
    private long extraLatencyNanos;
    private long delivered;

    SimulatedNetwork(VirtualTime time, Chance chance, SimulationSettings settings, Marks marks, Receiver receiver) {
        this.time = time;
        this.chance = chance;
        this.settings = settings.network();
        this.marks = marks;
        this.receiver = receiver;
        this.isCut = new boolean[settings.nodes()][settings.nodes()];
        this.lastArrivalNanos = new long[settings.nodes()][settings.nodes()][STREAMS];
    }

    void send(int from, int to, Message message) {
        if (isCut[from][to]) {
            marks.hit("network: message into a cut link");
            return;
        }
        if (chance.happens(settings.loss() + extraLoss)) {
            marks.hit("network: message lost");
            return;
        }
        if (chance.happens(settings.duplication())) {
            marks.hit("network: message repeated");
            deliverAfter(latencyNanos() + chance.around(20 * settings.jitterNanos()), from, to, message);
        }
        if (chance.happens(settings.straggling())) {
            marks.hit("network: message very late");
            deliverAfter(latencyNanos() + chance.around(SimulationSettings.SECONDS), from, to, message);
            return;
        }
        long atNanos = time.nowNanos() + latencyNanos();
        if (settings.isOrdered()) {
            int stream = message instanceof AppendEntries || message instanceof AppendEntriesResponse ? 0 : 1;
            atNanos = Math.max(atNanos, lastArrivalNanos[from][to][stream] + 1);
            lastArrivalNanos[from][to][stream] = atNanos;
        }
        deliverAfter(atNanos - time.nowNanos(), from, to, message);
    }

    private void deliverAfter(long delayNanos, int from, int to, Message message) {
        time.after(delayNanos, () -> {
            if (isCut[from][to]) {
                marks.hit("network: message into a cut link");
                return;
            }
            delivered++;
            receiver.receive(from, to, message);
        });
    }

    /** One way, without losses: how long the next message takes. */
    long latencyNanos() {
        return settings.latencyNanos() + extraLatencyNanos + chance.around(settings.jitterNanos());
    }

    void cut(int from, int to) {
        isCut[from][to] = true;
    }

    void heal(int from, int to) {
        isCut[from][to] = false;
    }

    boolean isCut(int from, int to) {
        return isCut[from][to];
    }

    void extraLoss(double probability) {
        extraLoss = probability;
    }

    void extraLatency(long nanos) {
        extraLatencyNanos = nanos;
    }

    long delivered() {
        return delivered;
    }
}
