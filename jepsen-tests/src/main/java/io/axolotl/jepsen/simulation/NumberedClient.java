package io.axolotl.jepsen.simulation;

import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client that numbers its writes in a session (ADR 0045), as the Java client does: what it got no answer to it sends again,
 * to whomever and under the same number, until it has one. So none of its writes ends as unknown, and none may be executed
 * twice. Reads it leaves to the {@link SimulatedClient}s.
 *
 * <p>Confined to the simulation's thread.
 */
final class NumberedClient {
    private static final int SLOTS = 2;
    private static final int MAX_SESSIONS = 1_000;

    private final int number;
    private final Cluster cluster;
    private final Chance chance;
    private final History history;
    private final Judge judge;
    private final VirtualTime time;
    private final SimulationSettings settings;
    private final Marks marks;
    private final long[] sequences = new long[SLOTS];
    private int preferred;
    private boolean isStopped;

    /** @param number besides those of the other clients; also names the session */
    NumberedClient(int number, Cluster cluster, Chance chance, History history) {
        this.number = number;
        this.cluster = cluster;
        this.chance = chance;
        this.history = history;
        this.judge = cluster.judge();
        this.time = cluster.time();
        this.settings = cluster.settings();
        this.marks = cluster.marks();
        this.preferred = chance.below(settings.nodes());
    }

    void start() {
        time.after(chance.around(settings.thinkNanos()), this::open);
    }

    void stop() {
        isStopped = true;
    }

    private void open() {
        new Asking(null, new Command.OpenSession(number, MAX_SESSIONS), result -> {
                    if (!(result instanceof CommandResult.SessionOpened)) {
                        throw new InvariantViolation(
                                "I15 exactly once", "whoever opens session " + number + " hears " + result);
                    }
                    marks.hit("session: opened");
                    next();
                })
                .attempt();
    }

    private void next() {
        time.after(chance.around(settings.thinkNanos()), this::write);
    }

    private void write() {
        if (isStopped) {
            return;
        }
        int slot = chance.below(SLOTS);
        CallId call = new CallId(number, slot, ++sequences[slot]);
        Operation operation = draw();
        long revisionFloor = judge.clients().revisionFloor();
        new Asking(call, Proposals.command(operation, cluster.settings().valueBytes()), result -> {
                    if (result instanceof CommandResult.Refused || result instanceof CommandResult.AnswerNotKept) {
                        throw new InvariantViolation(
                                "I15 exactly once", operation + ", which is " + call + ", was answered by " + result);
                    }
                    Proposals.complete(operation, result, history.nextEvent());
                    judge.clients().answered(operation, revisionFloor);
                    next();
                })
                .attempt();
    }

    private Operation draw() {
        String key = "k" + chance.below(settings.keys());
        double what = chance.fraction();
        if (what < 0.5) {
            return history.invoke(number, Operation.Kind.PUT, key, null, Operation.ABSENT);
        }
        if (what < 0.65) {
            return history.invoke(number, Operation.Kind.DELETE, key, null, Operation.ABSENT);
        }
        long expected = chance.happens(0.8) ? judge.oracle().latest(key) : Operation.ABSENT;
        return history.invoke(number, Operation.Kind.CAS, key, null, expected);
    }

    /** One command, asked for again and again until somebody has the answer. */
    private final class Asking {
        private final @Nullable CallId call;
        private final Command command;
        private final Consumer<CommandResult> onAnswer;
        private int attempts;
        private boolean isAnswered;

        Asking(@Nullable CallId call, Command command, Consumer<CommandResult> onAnswer) {
            this.call = call;
            this.command = command;
            this.onAnswer = onAnswer;
        }

        void attempt() {
            if (isAnswered || isStopped) {
                return;
            }
            int attempt = ++attempts;
            if (attempt > 1) {
                marks.hit("session: asked again");
            }
            boolean isElsewhere = attempt > 1 || chance.happens(0.1);
            int node = isElsewhere ? chance.below(settings.nodes()) : preferred;
            time.after(
                    cluster.clientLatencyNanos(chance),
                    () -> cluster.node(node)
                            .numbered(
                                    call,
                                    command,
                                    result -> time.after(
                                            cluster.clientLatencyNanos(chance),
                                            () -> onResult(node, attempt, result))));
            // Now and then too soon, so that two attempts are under way at once.
            long patienceNanos = chance.happens(0.1)
                    ? chance.around(20 * SimulationSettings.MILLIS)
                    : settings.clientTimeoutNanos() / 4;
            time.after(patienceNanos, () -> afterAttempt(attempt));
        }

        private void afterAttempt(int attempt) {
            if (attempt == attempts) {
                attempt();
            }
        }

        private void onResult(int node, int attempt, ProposalResult result) {
            if (isAnswered) {
                return;
            }
            if (result instanceof ProposalResult.Done done) {
                isAnswered = true;
                preferred = node;
                onAnswer.accept(done.result());
            } else {
                // Refused for certain or unknown: a number makes no difference between them.
                time.after(chance.around(10 * SimulationSettings.MILLIS), () -> afterAttempt(attempt));
            }
        }
    }
}
