package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.LeaseCallback;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseKeeper;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.lease.LeaseRouter;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.lease.LeaseTable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this member has to do with the time of leases: keeps it while it leads, and takes questions to the leader while it
 * does not.
 *
 * <p>{@link #runOnce} is confined to the thread that runs the stage; the rest is safe for all threads.
 */
final class Leases implements Stage {
    private static final long LONGEST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long ASKING_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final NodeService node;
    private final PeerTransport transport;
    private final LeaseKeeper keeper;
    private final LeaseRouter router;
    private final long parkNanos;

    /** @param patienceNanos how long a question may go unanswered */
    Leases(
            NodeService node,
            PeerTransport transport,
            long electionTimeoutNanos,
            long patienceNanos,
            LongSupplier clock) {
        this.node = node;
        this.transport = transport;
        this.keeper = new LeaseKeeper(new Self(), LeaseKeeper.Rules.ofElectionTimeout(electionTimeoutNanos), clock);
        this.router = new LeaseRouter(new Others(), patienceNanos, clock);
        this.parkNanos = Math.min(LONGEST_PARK_NANOS, electionTimeoutNanos / 4);
    }

    /** LE-1: one and a half election timeouts, in whole seconds. */
    static long shortestSeconds(long electionTimeoutNanos) {
        long nanos = electionTimeoutNanos + electionTimeoutNanos / 2;
        long second = TimeUnit.SECONDS.toNanos(1);
        return Math.max(1, (nanos + second - 1) / second);
    }

    long renewals() {
        return keeper.renewals();
    }

    long expiries() {
        return keeper.expiries();
    }

    void ask(LeaseQuestion question, LeaseCallback callback) {
        router.ask(question, new LeaseRouter.Callback() {
            @Override
            public void on(LeaseAnswer answer) {
                callback.on(null, answer);
            }

            @Override
            public void failed(LeaseRouter.Failure why) {
                callback.on(
                        switch (why) {
                            case NO_LEADER -> Failure.NO_LEADER;
                            case TIMEOUT -> Failure.TIMEOUT;
                            case TOO_MANY -> Failure.TOO_MANY_REQUESTS;
                            case STOPPED -> Failure.STOPPED;
                        },
                        null);
            }
        });
    }

    /** Another member asks this one. */
    void asked(LeaseQuestion question, Consumer<LeaseAnswer> callback) {
        keeper.ask(question, callback);
    }

    @Override
    public boolean runOnce() {
        keeper.turn();
        router.turn();
        return false;
    }

    @Override
    public long maxParkNanos() {
        return router.isIdle() ? parkNanos : Math.min(parkNanos, ASKING_PARK_NANOS);
    }

    /** Nothing is so urgent that it could not wait for the next turn. */
    @Override
    public void wakes(Waker waker) {}

    /** Answers all who still wait. */
    void settle() {
        router.close();
    }

    private final class Self implements LeaseKeeper.Member {
        @Override
        public long ledTerm() {
            NodeView view = node.view();
            return view.isLeader() ? view.term() : NOT_LEADING;
        }

        @Override
        public LeaseTable leases() {
            return node.store().leases();
        }

        @Override
        public void confirm(Consumer<Boolean> onConfirmed) {
            node.readBarrier(failure -> onConfirmed.accept(failure == null));
        }

        @Override
        public void propose(Command.OfLeases command, Consumer<@Nullable CommandResult> onDone) {
            node.propose(
                    Caller.MEMBER,
                    command,
                    result -> onDone.accept(result instanceof ProposalResult.Done done ? done.result() : null));
        }
    }

    private final class Others implements LeaseRouter.Cluster {
        @Override
        public @Nullable NodeId leader() {
            return node.view().leader();
        }

        @Override
        public void ask(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> onAnswer) {
            if (leader.equals(node.self())) {
                keeper.ask(question, onAnswer);
            } else {
                transport.askLease(leader, question, onAnswer);
            }
        }
    }
}
