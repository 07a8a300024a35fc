package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Hurts the cluster: draws faults one after another from those that the seed has enabled, and ends each after a while.
 * Faults overlap. Nothing here spares a majority, but for what destroys: see {@link FaultAtlas}. Safety has to hold even if
 * all nodes are down at once.
 *
 * <p>Each fault has a number and its own chance, so that one more or one less changes nothing about the others: {@link
 * Shrinker} leaves some out.
 *
 * <p>Confined to the simulation's thread.
 */
final class Nemesis {
    private final Cluster cluster;
    private final Operator operator;
    private final FaultAtlas atlas;
    private final Trim trim;
    private final Chance chance;
    private final VirtualTime time;
    private final SimulationSettings settings;
    private final List<Fault> enabled;
    private final NavigableSet<Integer> done = new TreeSet<>();
    private int number;
    private boolean isStopped;

    Nemesis(Cluster cluster, Operator operator, FaultAtlas atlas, Trim trim, Chance chance) {
        this.cluster = cluster;
        this.operator = operator;
        this.atlas = atlas;
        this.trim = trim;
        this.chance = chance;
        this.time = cluster.time();
        this.settings = cluster.settings();
        this.enabled = new ArrayList<>(settings.faults());
        if (settings.isChangingMembers()) {
            // Half of all that happens, or most seeds would see one change or none.
            enabled.addAll(Collections.nCopies(enabled.size(), Fault.CHANGE_MEMBERS));
        }
        Fault favourite = settings.favourite();
        if (favourite != null) {
            enabled.addAll(Collections.nCopies(enabled.size(), favourite));
        }
    }

    void start() {
        if (!enabled.isEmpty()) {
            next();
        }
    }

    void stop() {
        isStopped = true;
        atlas.end();
    }

    /** The numbers of the faults that have happened. */
    NavigableSet<Integer> done() {
        return new TreeSet<>(done);
    }

    private void next() {
        Chance own = chance.branch();
        int mine = number++;
        time.after(own.around(settings.faultGapNanos()), () -> {
            if (!isStopped) {
                if (trim.keeps(mine)) {
                    done.add(mine);
                    new Injection(own, mine).begin();
                }
                next();
            }
        });
    }

    private interface IntBinary {
        void on(int from, int to);
    }

    private interface Link {
        boolean test(int from, int to);
    }

    /** One fault, with its own chance. */
    private final class Injection {
        private final Chance own;
        private final int mine;
        private final Fault fault;
        private final int victim;
        private final long lengthNanos;

        Injection(Chance own, int mine) {
            this.own = own;
            this.mine = mine;
            this.fault = own.oneOf(enabled);
            int leader = own.happens(settings.aim()) ? cluster.placeOfLeader() : -1;
            this.victim = leader >= 0 ? leader : own.below(settings.nodes());
            this.lengthNanos = SimulationSettings.MILLIS + own.around(settings.faultNanos());
        }

        void begin() {
            SimulatedNode node = cluster.node(victim);
            if (fault.destroys() && !atlas.mayDestroy(node, fault, operator)) {
                cluster.marks().hit("fault atlas: spared what must survive");
                return;
            }
            cluster.marks().hit("fault: " + fault);
            cluster.trace()
                    .line(
                            "-",
                            "fault " + mine,
                            fault + " on " + node.name() + " for " + lengthNanos / SimulationSettings.MILLIS + " ms");
            switch (fault) {
                case KILL -> node.crash(false, lengthNanos);
                case POWER_CUT -> node.crash(true, lengthNanos);
                case CRASH_AT_DISK_OPERATION -> node.armPowerCut(own.below(30), lengthNanos);
                case POWER_CUT_ALL ->
                    cluster.nodes().forEach(each -> each.crash(true, own.around(settings.faultNanos())));
                case CRASH_LOOP -> crashLoop(node);
                case ISOLATE -> cut((from, to) -> from == victim || to == victim);
                case SPLIT -> {
                    boolean[] side = sides();
                    cut((from, to) -> side[from] != side[to]);
                }
                case BRIDGE -> {
                    boolean[] side = sides();
                    cut((from, to) -> from != victim && to != victim && side[from] != side[to]);
                }
                case ONE_WAY -> {
                    int other = own.below(settings.nodes());
                    cut((from, to) -> from == victim && to == other);
                }
                case PARTIAL -> {
                    int other = own.below(settings.nodes());
                    cut((from, to) -> (from == victim && to == other) || (from == other && to == victim));
                }
                case DEAF_OR_MUTE -> {
                    boolean isDeaf = own.happens(0.5);
                    cut((from, to) -> (isDeaf ? to : from) == victim);
                }
                case FLAPPING -> flap(time.nowNanos() + 2 * lengthNanos);
                case SWIZZLE -> swizzle();
                case PAUSE -> {
                    node.pause();
                    time.after(lengthNanos, node::resume);
                }
                case CLOCK_JUMP -> node.clockJump(own.around(settings.raft().electionTimeoutNanos()));
                case SLOW_DISK -> {
                    node.slowDisk(own.around(settings.raft().electionTimeoutNanos()));
                    time.after(lengthNanos, () -> node.slowDisk(0));
                }
                case SLOW_APPLY -> {
                    node.slowApply(own.around(50 * SimulationSettings.MILLIS));
                    time.after(lengthNanos, () -> node.slowApply(0));
                }
                case SLOW_NETWORK -> {
                    cluster.network().extraLatency(own.around(settings.raft().electionTimeoutNanos() / 3));
                    time.after(lengthNanos, () -> cluster.network().extraLatency(0));
                }
                case LOSSY_NETWORK -> {
                    cluster.network().extraLoss(own.fraction() * 0.6);
                    time.after(lengthNanos, () -> cluster.network().extraLoss(0));
                }
                case TRANSFER -> cluster.transferLeadership(victim);
                case CHANGE_MEMBERS -> {
                    if (!atlas.hasOpenWounds()) {
                        operator.change(own);
                    }
                }
                case WRONG_HINT -> {
                    for (SimulatedNode each : cluster.nodes()) {
                        if (each != node && own.happens(0.6)) {
                            each.believesGone(node.id());
                        }
                    }
                }
                case FAILED_SYNC -> node.failSyncs(lengthNanos, own.happens(0.5));
                case FULL_DISK -> node.fillDisk(own.below(8 << 10), lengthNanos);
                case ROT -> atlas.rot(node, own, lengthNanos);
                case WIPED_DISK -> atlas.wipe(node, lengthNanos);
                case OLD_DISK -> atlas.goBack(node, own, lengthNanos);
                case DETHRONE -> dethrone(time.nowNanos() + 8 * lengthNanos, -1);
                case STALL -> node.lieInWait(new Ambush(Moment.CLOCK_READ, Ambush.Deed.STALL, 2 * lengthNanos, 0));
                case AT_NAMED_POINT -> {
                    Ambush ambush = ambush();
                    if (own.happens(0.5)) {
                        node.lieInWait(ambush);
                    } else {
                        cluster.nodes().forEach(each -> each.lieInWait(ambush));
                    }
                }
            }
        }

        private Ambush ambush() {
            Moment moment = own.oneOf(List.of(Moment.values()));
            Ambush.Deed deed = own.oneOf(
                    List.of(Ambush.Deed.KILL, Ambush.Deed.POWER_CUT, Ambush.Deed.POWER_CUT_SOON, Ambush.Deed.PAUSE));
            return new Ambush(moment, deed, lengthNanos, own.below(12));
        }

        /**
         * The links of a leader are cut one by one, so that some followers have its last entries and others have not; then the
         * one before it comes back, with what it had written for nobody.
         */
        private void dethrone(long endNanos, int outcast) {
            int leader = isStopped ? -1 : cluster.placeOfLeader();
            boolean isOver = isStopped || time.nowNanos() >= endNanos;
            boolean isAnother = leader >= 0 && leader != outcast;
            if (outcast >= 0 && (isOver || isAnother)) {
                linksOf(outcast, (from, to) -> cluster.network().heal(from, to));
            }
            if (isOver) {
                return;
            }
            if (isAnother) {
                linksOf(
                        leader,
                        (from, to) -> time.after(own.around(settings.network().latencyNanos()), () -> {
                            if (!isStopped) {
                                cluster.network().cut(from, to);
                            }
                        }));
            }
            time.after(
                    2 * settings.raft().heartbeatIntervalNanos()
                            + own.around(settings.raft().heartbeatIntervalNanos()),
                    () -> dethrone(endNanos, isAnother ? leader : outcast));
        }

        private void linksOf(int place, IntBinary change) {
            for (int other = 0; other < settings.nodes(); other++) {
                if (other != place) {
                    change.on(place, other);
                    change.on(other, place);
                }
            }
        }

        private void crashLoop(SimulatedNode node) {
            int crashes = 2 + own.below(6);
            node.crash(own.happens(0.5), own.around(20 * SimulationSettings.MILLIS));
            node.crashAtStarts(crashes);
        }

        private boolean[] sides() {
            boolean[] side = new boolean[settings.nodes()];
            for (int node = 0; node < side.length; node++) {
                side[node] = own.happens(0.5);
            }
            return side;
        }

        /** Overlapping cuts: the link is open again as soon as the first one of them ends. */
        private void cut(Link isCut) {
            cut(isCut, lengthNanos);
        }

        private void cut(Link isCut, long nanos) {
            for (int from = 0; from < settings.nodes(); from++) {
                for (int to = 0; to < settings.nodes(); to++) {
                    if (from != to && isCut.test(from, to)) {
                        int source = from;
                        int target = to;
                        cluster.network().cut(source, target);
                        time.after(nanos, () -> cluster.network().heal(source, target));
                    }
                }
            }
        }

        private void flap(long endNanos) {
            if (isStopped || time.nowNanos() >= endNanos) {
                return;
            }
            long flapNanos = own.around(settings.raft().heartbeatIntervalNanos());
            int other = own.below(settings.nodes());
            cut((from, to) -> from == victim && (to == other || own.happens(0.3)), flapNanos);
            time.after(2 * flapNanos, () -> flap(endNanos));
        }

        private void swizzle() {
            for (int node = 0; node < settings.nodes(); node++) {
                int swizzled = node;
                time.after(own.around(lengthNanos / 2), () -> {
                    if (!isStopped) {
                        cut((from, to) -> from == swizzled || to == swizzled, own.around(lengthNanos));
                    }
                });
            }
        }
    }
}
