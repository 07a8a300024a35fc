package io.axolotl.jepsen.simulation;

/**
 * Carries what nodes send each other: late, twice, out of order or not at all. A cut link loses what is sent while it is cut
 * and what arrives while it is cut.
 *
 * <p>As in production entries, everything else of Raft, and what is not Raft's travel by separate streams (pitfall 24), so
 * they overtake each other even when each stream keeps its order.
 *
 * <p>Nodes are named by their place, from 0. Confined to the simulation's thread.
 */
final class SimulatedNetwork {
    /** What travels together in order, where there is order. */
    enum Stream {
        ENTRIES(0, true),
        URGENT(1, true),
        /** Forwards and their kin: they may be lost and reordered, never repeated. */
        ONCE(2, false);

        private final int number;
        private final boolean isRepeatable;

        Stream(int number, boolean isRepeatable) {
            this.number = number;
            this.isRepeatable = isRepeatable;
        }
    }

    /** Mean time after which a message that was kept is played again. */
    private static final long REPLAY_NANOS = 3 * SimulationSettings.SECONDS;

    private final VirtualTime time;
    private final Chance chance;
    private final SimulationSettings.Network settings;
    private final Marks marks;
    private final boolean[][] isCut;
    private final boolean[][] isCutForGood;
    private final long[][][] lastArrivalNanos;
    private final double lateForwards;
    private double extraLoss;
    private long extraLatencyNanos;

    SimulatedNetwork(VirtualTime time, Chance chance, SimulationSettings settings, Marks marks) {
        this.time = time;
        this.chance = chance;
        this.settings = settings.network();
        this.lateForwards = settings.lateForwards();
        this.marks = marks;
        this.isCut = new boolean[settings.nodes()][settings.nodes()];
        this.isCutForGood = new boolean[settings.nodes()][settings.nodes()];
        this.lastArrivalNanos = new long[settings.nodes()][settings.nodes()][Stream.values().length];
    }

    /** @param arrival what happens when it arrives; at most once if the stream says so */
    void send(int from, int to, Stream stream, Runnable arrival) {
        if (isCut(from, to)) {
            marks.hit("network: message into a cut link");
            return;
        }
        if (chance.happens(settings.loss() + extraLoss)) {
            marks.hit("network: message lost");
            return;
        }
        if (stream.isRepeatable && chance.happens(settings.duplication())) {
            marks.hit("network: message repeated");
            deliverAfter(latencyNanos() + chance.around(20 * settings.jitterNanos()), from, to, arrival);
        }
        if (stream.isRepeatable && chance.happens(settings.replay())) {
            marks.hit("network: message of long ago played again");
            deliverAfter(latencyNanos() + chance.around(REPLAY_NANOS), from, to, arrival);
        }
        boolean isLate =
                chance.happens(settings.straggling()) || (stream == Stream.ONCE && chance.happens(lateForwards));
        if (isLate) {
            marks.hit("network: message very late");
            deliverAfter(latencyNanos() + chance.around(SimulationSettings.SECONDS), from, to, arrival);
            return;
        }
        long atNanos = time.nowNanos() + latencyNanos();
        if (settings.isOrdered()) {
            long[] last = lastArrivalNanos[from][to];
            atNanos = Math.max(atNanos, last[stream.number] + 1);
            last[stream.number] = atNanos;
        }
        deliverAfter(atNanos - time.nowNanos(), from, to, arrival);
    }

    private void deliverAfter(long delayNanos, int from, int to, Runnable arrival) {
        time.after(delayNanos, () -> {
            if (isCut(from, to)) {
                marks.hit("network: message into a cut link");
                return;
            }
            arrival.run();
        });
    }

    /** One way, without losses: how long the next message takes. */
    long latencyNanos() {
        return settings.latencyNanos() + extraLatencyNanos + chance.around(settings.jitterNanos());
    }

    void cut(int from, int to) {
        isCut[from][to] = true;
    }

    /** A fault ends. */
    void heal(int from, int to) {
        isCut[from][to] = false;
    }

    /** Whatever fault ends from now on: until {@link #reopen}. */
    void cutForGood(int from, int to) {
        isCutForGood[from][to] = true;
    }

    void reopen(int from, int to) {
        isCut[from][to] = false;
        isCutForGood[from][to] = false;
    }

    boolean isCut(int from, int to) {
        return isCut[from][to] || isCutForGood[from][to];
    }

    void extraLoss(double probability) {
        extraLoss = probability;
    }

    void extraLatency(long nanos) {
        extraLatencyNanos = nanos;
    }
}
