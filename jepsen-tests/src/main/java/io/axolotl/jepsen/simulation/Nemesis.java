package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Hurts the cluster: draws faults one after another from those that the seed has enabled, and ends each after a while.
 * Faults overlap. Nothing here spares a majority; safety has to hold even if all nodes are down at once.
 *
 * <p>Confined to the simulation's thread.
 */
final class Nemesis {
    private final Cluster cluster;
    private final Operator operator;
    private final Chance chance;
    private final VirtualTime time;
    private final SimulationSettings settings;
    private final List<Fault> enabled;
    private boolean isStopped;

    Nemesis(Cluster cluster, Operator operator, Chance chance) {
        this.cluster = cluster;
        this.operator = operator;
        this.chance = chance;
        this.time = cluster.time();
        this.settings = cluster.settings();
        this.enabled = new ArrayList<>(settings.faults());
        if (settings.isChangingMembers()) {
            // Half of all that happens, or most seeds would see one change or none.
            enabled.addAll(Collections.nCopies(enabled.size(), Fault.CHANGE_MEMBERS));
        }
    }

    void start() {
        if (!enabled.isEmpty()) {
            next();
        }
    }

    void stop() {
        isStopped = true;
    }

    private void next() {
        time.after(chance.around(settings.faultGapNanos()), () -> {
            if (!isStopped) {
                inject(chance.oneOf(enabled));
                next();
            }
        });
    }

    private void inject(Fault fault) {
        int victim = chance.below(settings.nodes());
        long lengthNanos = SimulationSettings.MILLIS + chance.around(settings.faultNanos());
        cluster.marks().hit("fault: " + fault);
        cluster.trace()
                .line(
                        "-",
                        "fault",
                        fault + " on " + cluster.node(victim).name() + " for " + lengthNanos / SimulationSettings.MILLIS
                                + " ms");
        switch (fault) {
            case KILL -> crash(victim, false, lengthNanos);
            case POWER_CUT -> crash(victim, true, lengthNanos);
            case CRASH_AT_DISK_OPERATION -> cluster.node(victim).armPowerCut(chance.below(30), lengthNanos);
            case POWER_CUT_ALL -> {
                for (int node = 0; node < settings.nodes(); node++) {
                    crash(node, true, chance.around(settings.faultNanos()));
                }
            }
            case ISOLATE -> cut(lengthNanos, (from, to) -> from == victim || to == victim);
            case SPLIT -> {
                boolean[] side = sides();
                cut(lengthNanos, (from, to) -> side[from] != side[to]);
            }
            case BRIDGE -> {
                boolean[] side = sides();
                cut(lengthNanos, (from, to) -> from != victim && to != victim && side[from] != side[to]);
            }
            case ONE_WAY -> {
                int other = chance.below(settings.nodes());
                cut(lengthNanos, (from, to) -> from == victim && to == other);
            }
            case DEAF_OR_MUTE -> {
                boolean isDeaf = chance.happens(0.5);
                cut(lengthNanos, (from, to) -> (isDeaf ? to : from) == victim);
            }
            case PAUSE -> {
                cluster.node(victim).pause();
                time.after(lengthNanos, () -> cluster.node(victim).resume());
            }
            case SLOW_DISK -> {
                long extraNanos = chance.around(settings.raft().electionTimeoutNanos());
                cluster.node(victim).slowDisk(extraNanos);
                time.after(lengthNanos, () -> cluster.node(victim).slowDisk(0));
            }
            case SLOW_APPLY -> {
                cluster.node(victim).slowApply(chance.around(50 * SimulationSettings.MILLIS));
                time.after(lengthNanos, () -> cluster.node(victim).slowApply(0));
            }
            case SLOW_NETWORK -> {
                cluster.network().extraLatency(chance.around(settings.raft().electionTimeoutNanos() / 3));
                time.after(lengthNanos, () -> cluster.network().extraLatency(0));
            }
            case LOSSY_NETWORK -> {
                cluster.network().extraLoss(chance.fraction() * 0.6);
                time.after(lengthNanos, () -> cluster.network().extraLoss(0));
            }
            case TRANSFER -> cluster.transferLeadership(victim);
            case CHANGE_MEMBERS -> operator.change();
            case WRONG_HINT -> {
                for (SimulatedNode node : cluster.nodes()) {
                    if (node != cluster.node(victim) && chance.happens(0.6)) {
                        node.believesGone(cluster.node(victim).id());
                    }
                }
            }
        }
    }

    private void crash(int victim, boolean isPowerCut, long downNanos) {
        cluster.node(victim).crash(isPowerCut, downNanos);
    }

    private interface Link {
        boolean test(int from, int to);
    }

    private boolean[] sides() {
        boolean[] side = new boolean[settings.nodes()];
        for (int node = 0; node < side.length; node++) {
            side[node] = chance.happens(0.5);
        }
        return side;
    }

    /** Overlapping cuts: the link is open again as soon as the first one of them ends. */
    private void cut(long lengthNanos, Link isCut) {
        for (int from = 0; from < settings.nodes(); from++) {
            for (int to = 0; to < settings.nodes(); to++) {
                if (from != to && isCut.test(from, to)) {
                    int source = from;
                    int target = to;
                    cluster.network().cut(source, target);
                    time.after(lengthNanos, () -> cluster.network().heal(source, target));
                }
            }
        }
    }
}
