package io.axolotl.jepsen.simulation;

import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * One client: one operation at a time, with think time between. Tries again only what a node has refused for certain;
 * what it got no answer to it writes down as unknown and leaves open for ever.
 *
 * <p>Its way to the nodes is not cut by partitions, so it also reaches a leader that has been deposed without knowing.
 * Confined to the simulation's thread.
 */
final class SimulatedClient {
    private final int number;
    private final Cluster cluster;
    private final Chance chance;
    private final History history;
    private final Judge judge;
    private final VirtualTime time;
    private final SimulationSettings settings;
    private int preferred;
    private boolean isStopped;

    SimulatedClient(int number, Cluster cluster, Chance chance, History history) {
        this.number = number;
        this.cluster = cluster;
        this.chance = chance;
        this.history = history;
        this.judge = cluster.judge();
        this.time = cluster.time();
        this.settings = cluster.settings();
        this.preferred = chance.below(settings.nodes());
    }

    void start() {
        time.after(chance.around(settings.thinkNanos()), this::next);
    }

    void stop() {
        isStopped = true;
    }

    private void next() {
        if (isStopped) {
            return;
        }
        if (chance.happens(settings.compactProbability())) {
            compact();
        }
        new Call(draw(), judge.revisionFloor()).start();
    }

    private Operation draw() {
        String key = key();
        double what = chance.fraction();
        if (what < 0.35) {
            return history.invoke(number, Operation.Kind.PUT, key, null, Operation.ABSENT);
        }
        if (what < 0.70) {
            return history.invoke(number, Operation.Kind.GET, key, null, Operation.ABSENT);
        }
        if (what < 0.78) {
            return history.invoke(number, Operation.Kind.DELETE, key, null, Operation.ABSENT);
        }
        if (what < 0.93) {
            String second = chance.happens(0.3) ? key() : null;
            // Mostly what the committed history holds now, so that comparisons succeed often enough to matter.
            long expected = chance.happens(0.8) ? judge.oracle().latest(key) : Operation.ABSENT;
            return history.invoke(number, Operation.Kind.CAS, key, key.equals(second) ? null : second, expected);
        }
        return history.invoke(number, Operation.Kind.RANGE, "", null, Operation.ABSENT);
    }

    private String key() {
        return "k" + chance.below(settings.keys());
    }

    private void compact() {
        long revision = judge.revisionFloor() - chance.between(0L, 20L);
        if (revision > 1) {
            cluster.node(preferred).ask(process -> process.propose(Proposals.compaction(revision), result -> {}));
        }
    }

    /** A write without question, asked of a given node until it is taken; for the liveness check. */
    Operation probe(int node) {
        Operation operation = history.invoke(number, Operation.Kind.PUT, key(), null, Operation.ABSENT);
        preferred = node;
        new Call(operation, judge.revisionFloor()).start();
        return operation;
    }

    /** One operation with all its attempts. */
    private final class Call {
        private final Operation operation;
        private final long revisionFloor;
        private int attempts;
        private boolean isAwaiting;
        private boolean isOver;

        Call(Operation operation, long revisionFloor) {
            this.operation = operation;
            this.revisionFloor = revisionFloor;
        }

        void start() {
            time.after(settings.clientTimeoutNanos(), this::giveUp);
            int first =
                    chance.happens(operation.kind().isRead() ? 0.5 : 0.1) ? chance.below(settings.nodes()) : preferred;
            attempt(first);
        }

        private void attempt(int node) {
            if (isOver) {
                return;
            }
            int attempt = ++attempts;
            isAwaiting = true;
            time.after(
                    cluster.clientLatencyNanos(chance),
                    () -> cluster.node(node)
                            .call(
                                    operation,
                                    reply -> time.after(
                                            cluster.clientLatencyNanos(chance), () -> onReply(node, attempt, reply))));
        }

        private void onReply(int node, int attempt, Reply reply) {
            if (isOver || attempt != attempts) {
                return;
            }
            if (reply instanceof Reply.NotTaken notTaken) {
                isAwaiting = false;
                int other = other(node, notTaken.leader());
                time.after(chance.around(10 * SimulationSettings.MILLIS), () -> attempt(other));
                return;
            }
            if (reply instanceof Reply.Unknown) {
                giveUp();
                return;
            }
            isOver = true;
            preferred = node;
            if (reply instanceof Reply.Written written) {
                Proposals.complete(operation, written.result(), history.nextEvent());
            } else if (reply instanceof Reply.Read read) {
                Proposals.complete(operation, read.found(), history.nextEvent());
            }
            judge.answered(operation, revisionFloor);
            cluster.marks().hit("client: done");
            time.after(chance.around(settings.thinkNanos()), SimulatedClient.this::next);
        }

        private int other(int node, @Nullable NodeId leader) {
            int hinted = leader == null ? -1 : cluster.placeOf(leader);
            return hinted >= 0 && hinted != node && !chance.happens(0.1) ? hinted : chance.below(settings.nodes());
        }

        private void giveUp() {
            if (isOver) {
                return;
            }
            if (isAwaiting && cluster.bug() == PlantedBug.CLIENT_REPEATS_UNKNOWN && attempts < 3) {
                time.after(settings.clientTimeoutNanos(), this::giveUp);
                attempt(chance.below(settings.nodes()));
                return;
            }
            isOver = true;
            if (isAwaiting) {
                operation.unknown();
                cluster.marks().hit("client: unknown");
                preferred = chance.below(settings.nodes());
            } else {
                operation.refused(history.nextEvent());
                cluster.marks().hit("client: refused");
            }
            time.after(chance.around(settings.thinkNanos()), SimulatedClient.this::next);
        }
    }
}
