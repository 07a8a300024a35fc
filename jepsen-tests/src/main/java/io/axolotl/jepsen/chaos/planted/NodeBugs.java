package io.axolotl.jepsen.chaos.planted;

import io.axolotl.server.driver.NodeService;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.statemachine.Roster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Nodes that serve clients wrongly. Each is safe for all threads. */
final class NodeBugs {
    /** Less than an election takes, and more than a healthy cluster needs. */
    private static final long PATIENCE_MILLIS = 250;

    private static final long REVISIONS_TOO_FAR = 60;

    private NodeBugs() {}

    /** A linearizable read is one of this member's store as it is. */
    static final class ReadsWithoutBarrier extends NodeInFront {
        ReadsWithoutBarrier(NodeService node) {
            super(node);
        }

        @Override
        public void readBarrier(ReadCallback callback) {
            callback.on(null);
        }
    }

    /** Nobody is told which call of a session a command is: a repeat is a call of its own. */
    static final class ForgetsSessions extends NodeInFront {
        ForgetsSessions(NodeService node) {
            super(node);
        }

        @Override
        public void propose(Caller caller, Command command, ProposalCallback callback) {
            node.propose(caller.making(null), command, callback);
        }
    }

    /** Commands are others than clients have asked for. */
    static final class ChangesCommands extends NodeInFront {
        private final UnaryOperator<Command> change;

        private ChangesCommands(NodeService node, UnaryOperator<Command> change) {
            super(node);
            this.change = change;
        }

        /** A transaction does what it is to do, whatever it has compared. */
        static NodeService withoutCompares(NodeService node) {
            return new ChangesCommands(
                    node,
                    command -> command instanceof Command.Txn txn
                            ? new Command.Txn(List.of(), txn.success(), txn.failure())
                            : command);
        }

        /** A key hangs on no lease. */
        static NodeService withoutLeases(NodeService node) {
            return new ChangesCommands(
                    node,
                    command -> command instanceof Command.Put put
                            ? new Command.Put(
                                    put.key(), put.value(), 0, put.prevKv(), put.ignoreValue(), put.ignoreLease())
                            : command);
        }

        /** A compaction takes some revisions with it that were to stay. */
        static NodeService compactingTooFar(NodeService node) {
            return new ChangesCommands(
                    node,
                    command -> command instanceof Command.Compact compact
                            ? new Command.Compact(
                                    Math.max(
                                            compact.revision(),
                                            Math.min(
                                                    compact.revision() + REVISIONS_TOO_FAR,
                                                    node.store().revision())),
                                    compact.physical())
                            : command);
        }

        @Override
        public void propose(Caller caller, Command command, ProposalCallback callback) {
            node.propose(caller, change.apply(command), callback);
        }
    }

    /** A renewal is confirmed and goes no further: the leader, who keeps the time, never hears of it. */
    static final class KeepsRenewals extends NodeInFront {
        KeepsRenewals(NodeService node) {
            super(node);
        }

        @Override
        public void askLease(LeaseQuestion question, LeaseCallback callback) {
            Lease lease = store().leases().find(question.id());
            if (!question.isRenewal()) {
                node.askLease(question, callback);
            } else if (lease == null) {
                callback.on(null, new LeaseAnswer.Gone());
            } else {
                callback.on(null, new LeaseAnswer.Alive(lease.ttlSeconds(), lease.ttlSeconds()));
            }
        }
    }

    /** What is under way for long is refused as if it had never begun. */
    static final class RefusesWhatItDoes extends NodeInFront {
        RefusesWhatItDoes(NodeService node) {
            super(node);
        }

        @Override
        public void propose(Caller caller, Command command, ProposalCallback callback) {
            AtomicBoolean isAnswered = new AtomicBoolean();
            node.propose(caller, command, result -> {
                if (isAnswered.compareAndSet(false, true)) {
                    callback.on(result);
                }
            });
            CompletableFuture.delayedExecutor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        if (isAnswered.compareAndSet(false, true)) {
                            callback.on(new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS));
                        }
                    });
        }
    }

    /** A change of members is acknowledged when it is handed in: the list that follows is of before it. */
    static final class AcknowledgesMembersEarly extends NodeInFront {
        AcknowledgesMembersEarly(NodeService node) {
            super(node);
        }

        @Override
        public void propose(Caller caller, Command command, ProposalCallback callback) {
            boolean isChange = command instanceof Command.AddMember
                    || command instanceof Command.UpdateMember
                    || command instanceof Command.RemoveMember;
            if (!isChange) {
                node.propose(caller, command, callback);
                return;
            }
            callback.on(new ProposalResult.Done(new CommandResult.MemberRecorded(store().revision())));
            node.propose(caller, command, result -> {});
        }

        @Override
        public void awaitRoster(Predicate<Roster> reached, long patienceNanos, ReadCallback onReached) {
            onReached.on(null);
        }
    }

    /** Whoever comes for a lock finds nobody there. */
    static final class SeesNoHolder extends NodeInFront {
        SeesNoHolder(NodeService node) {
            super(node);
        }

        @Override
        public void propose(Caller caller, Command command, ProposalCallback callback) {
            node.propose(
                    caller, command, isEntrance(command) ? result -> callback.on(withoutOthers(result)) : callback);
        }

        /** As a lock is entered: who is first, and a key of one's own on one's lease. */
        private static boolean isEntrance(Command command) {
            return command instanceof Command.Txn txn
                    && txn.success().size() == 2
                    && txn.success().get(0) instanceof Command.Range
                    && txn.success().get(1) instanceof Command.Put put
                    && put.lease() != 0;
        }

        private static ProposalResult withoutOthers(ProposalResult result) {
            if (result instanceof ProposalResult.Done done
                    && done.result() instanceof CommandResult.Txn txn
                    && txn.responses().get(0) instanceof CommandResult.Range first) {
                List<CommandResult.OpResult> responses = new ArrayList<>(txn.responses());
                responses.set(
                        0,
                        new CommandResult.Range(
                                new RangeAnswer.Found(first.answer().revision(), List.of(), false, 0)));
                return new ProposalResult.Done(new CommandResult.Txn(txn.revision(), txn.succeeded(), responses));
            }
            return result;
        }
    }
}
