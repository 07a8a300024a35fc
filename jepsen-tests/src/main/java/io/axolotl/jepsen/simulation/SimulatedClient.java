package io.axolotl.jepsen.simulation;

import io.axolotl.client.RetryPolicy;
import io.axolotl.client.SteppedCall;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One client: one operation at a time, with think time between. What a failed attempt proves, whether it is made again, when and
 * where else, and what the caller is told, decides the client library's own code ({@link SteppedCall}), on what the server's own
 * words for its failures are ({@link io.axolotl.server.api.EtcdError}). What it is told nothing certain of stays open for ever.
 *
 * <p>Its way to the nodes is not cut by partitions, so it also reaches a leader that has been deposed without knowing. A process
 * that dies cuts its calls off; a machine that loses power says nothing.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedClient {
    private static final int NOWHERE = -1;
    private static final long LOOK_AGAIN_NANOS = 50 * SimulationSettings.MILLIS;

    private final int number;
    private final Cluster cluster;
    private final Chance chance;
    private final History history;
    private final Judge judge;
    private final VirtualTime time;
    private final SimulationSettings settings;
    private int leader = NOWHERE;
    private long lookAgainNanos;
    private boolean isLooking;
    private boolean isStopped;

    SimulatedClient(int number, Cluster cluster, Chance chance, History history) {
        this.number = number;
        this.cluster = cluster;
        this.chance = chance;
        this.history = history;
        this.judge = cluster.judge();
        this.time = cluster.time();
        this.settings = cluster.settings();
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
        new Call(draw(), judge.clients().revisionFloor()).start(NOWHERE);
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
        long revision = judge.clients().revisionFloor() - chance.between(0L, 20L);
        if (revision > 1) {
            cluster.node(chance.below(settings.nodes()))
                    .ask(process -> process.propose(Proposals.compaction(revision), result -> {}));
        }
    }

    /** A write without question, asked of a given node until it is taken; for the liveness check. */
    Operation probe(int node) {
        Operation operation = history.invoke(number, Operation.Kind.PUT, key(), null, Operation.ABSENT);
        new Call(operation, judge.clients().revisionFloor()).start(node);
        return operation;
    }

    // ---- who leads -------------------------------------------------------------------------------------------------

    /** As the library's tracker does: asks all, and believes the newest term that it hears of, once a majority has said something. */
    private void look() {
        if (isLooking || time.nowNanos() < lookAgainNanos) {
            return;
        }
        isLooking = true;
        time.after(cluster.clientLatencyNanos(chance) + cluster.clientLatencyNanos(chance), () -> {
            isLooking = false;
            lookAgainNanos = time.nowNanos() + LOOK_AGAIN_NANOS;
            int answers = 0;
            long newest = 0;
            for (SimulatedNode node : cluster.nodes()) {
                NodeView view = node.isUp() ? node.view() : null;
                if (view == null) {
                    continue;
                }
                answers++;
                NodeId named = view.leader();
                if (named != null && view.term() >= newest) {
                    newest = view.term();
                    leader = cluster.placeOf(named);
                }
            }
            if (2 * answers <= settings.nodes()) {
                leader = NOWHERE;
            }
        });
    }

    private int choose(Operation operation, Set<Integer> tried) {
        if (!operation.kind().isRead()) {
            if (leader == NOWHERE) {
                look();
            } else if (!tried.contains(leader) && chance.happens(0.9)) {
                return leader;
            }
        }
        List<Integer> left = new ArrayList<>();
        for (int place = 0; place < settings.nodes(); place++) {
            if (!tried.contains(place)) {
                left.add(place);
            }
        }
        return left.isEmpty() ? chance.below(settings.nodes()) : chance.oneOf(left);
    }

    /** One operation with all its attempts: what to do after each that fails, the client library decides. */
    private final class Call {
        private final Operation operation;
        private final long revisionFloor;
        private final SteppedCall course;
        private int attempt;
        private int place;
        private boolean isAwaiting;
        private boolean isOver;

        Call(Operation operation, long revisionFloor) {
            this.operation = operation;
            this.revisionFloor = revisionFloor;
            // A client that repeats what it knows nothing of is one that takes a write for a read.
            boolean isRepeatable = operation.kind().isRead() || cluster.bug() == PlantedBug.CLIENT_REPEATS_UNKNOWN;
            this.course = new SteppedCall(
                    RetryPolicy.DEFAULT,
                    isRepeatable,
                    settings.nodes(),
                    time.nowNanos() + settings.clientTimeoutNanos());
        }

        void start(int first) {
            time.after(settings.clientTimeoutNanos(), this::timeIsOver);
            attempt(first == NOWHERE ? choose(operation, course.tried()) : first);
        }

        private void attempt(int at) {
            if (isOver) {
                return;
            }
            int mine = ++attempt;
            place = at;
            isAwaiting = true;
            operation.attempted();
            time.after(
                    cluster.clientLatencyNanos(chance),
                    () -> cluster.node(at)
                            .call(
                                    operation,
                                    reply -> time.after(
                                            cluster.clientLatencyNanos(chance), () -> onReply(mine, reply))));
        }

        private void onReply(int mine, Reply reply) {
            if (isOver || mine != attempt) {
                return;
            }
            if (reply instanceof Reply.Failed failed) {
                failed(failed.status(), failed.isSent());
                return;
            }
            isOver = true;
            if (reply instanceof Reply.Written written) {
                Proposals.complete(operation, written.result(), history.nextEvent());
            } else if (reply instanceof Reply.Read read) {
                Proposals.complete(operation, read.found(), history.nextEvent());
            }
            judge.clients().answered(operation, revisionFloor);
            cluster.marks().hit("client: done");
            time.after(chance.around(settings.thinkNanos()), SimulatedClient.this::next);
        }

        private void timeIsOver() {
            if (!isOver && isAwaiting) {
                failed(Status.DEADLINE_EXCEEDED, true);
            }
        }

        private void failed(Status status, boolean isSent) {
            isAwaiting = false;
            attempt++;
            if (place == leader) {
                leader = NOWHERE;
            }
            SteppedCall.Next next = course.failed(place, status, isSent, time.nowNanos(), chance::fraction);
            if (next instanceof SteppedCall.Next.Again again) {
                cluster.marks().hit("client: tries again");
                time.after(again.pauseNanos(), () -> attempt(choose(operation, course.tried())));
                return;
            }
            isOver = true;
            if (next instanceof SteppedCall.Next.Refused) {
                operation.refused(history.nextEvent());
                cluster.marks().hit("client: refused");
            } else {
                operation.unknown();
                cluster.marks().hit("client: unknown");
            }
            time.after(chance.around(settings.thinkNanos()), SimulatedClient.this::next);
        }
    }
}
