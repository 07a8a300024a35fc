package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Roster;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the API services need of the running node. Any member takes any call and forwards what only the leader can do.
 *
 * <p>Safe for all threads. No method but {@link #archive} blocks. Callbacks run on threads of the pipeline: they must not block and must not
 * throw.
 */
public interface NodeService {
    /** Who proposes; part of every response header. */
    NodeId self();

    long clusterId();

    /** A recent look at the Raft node; may be some milliseconds old. */
    NodeView view();

    /** The live state machine. A new object after a snapshot was installed: ask each time. */
    KvStateMachine store();

    /**
     * A copy of all of {@code state} as it is now, for the caller to read and close. Blocks for as long as the disk takes: for
     * a thread that has nothing urgent to do.
     *
     * @param state what {@link #store} returned
     * @return empty if too many are being read
     * @throws DiskFullException if there is no room
     * @throws ClosedException if the state was replaced meanwhile
     */
    Optional<StateArchive> archive(KvStateMachine state);

    /** Whether {@link #store()} may be served: not while it is in doubt that it holds what the other members hold. */
    boolean isTrusted();

    /**
     * Replicates and applies a command; exactly one call of {@code callback}, within the request timeout.
     *
     * @param caller whose will it is, as far as that was proven
     */
    void propose(Caller caller, Command command, ProposalCallback callback);

    /** As {@link #propose(Caller, Command, ProposalCallback)}, of nobody: refused if somebody is needed (AU-4). */
    default void propose(Command command, ProposalCallback callback) {
        propose(Caller.NOBODY, command, callback);
    }

    /**
     * From now on {@code listener} is told of the tokens that entries give, and at once of those that were applied since the start
     * already. Called once at most.
     */
    void hearTokens(TokenListener listener);

    /** Hears of tokens, mostly on the apply thread; must neither block nor throw. */
    interface TokenListener {
        /** An entry gives a token that was not in this member's log when it started. */
        void assigned(CommandResult.TokenAssigned token);

        /** Whatever entries through {@code index} give has been told. */
        void toldThrough(long index);
    }

    /**
     * Answers {@code onReady} once a read of {@link #store()} is linearizable with everything finished before this call
     * (ReadIndex, thesis §6.4; RG-10). Many calls share one round.
     */
    void readBarrier(ReadCallback callback);

    /** Hands leadership to {@code target} if this node leads (MT-6). Exactly one call of {@code callback}. */
    void moveLeader(NodeId target, MoveLeaderCallback callback);

    /**
     * Answers {@code onReached} once the members as of what is applied here are as {@code reached} says; with a failure when
     * that has not come about in time.
     */
    void awaitRoster(Predicate<Roster> reached, long patienceNanos, ReadCallback onReached);

    /** Since when a member can be reached from here, as {@code System.nanoTime}; {@code Long.MAX_VALUE} if it cannot. */
    long connectedSinceNanos(NodeId member);

    /** Asks the leader whether a learner may be promoted (CL-3). Exactly one call of {@code callback}. */
    void askReadiness(NodeId learner, ReadinessCallback callback);

    /** From now on {@code follower} is told of what is applied here. Called once at most, before calls are served. */
    void follow(HistoryFollower follower);

    /** Follows what is applied. Its methods are called on the apply thread, must not block and must not throw. */
    interface HistoryFollower {
        /** Nobody follows. */
        HistoryFollower NOBODY = new HistoryFollower() {
            @Override
            public void advanced() {}

            @Override
            public void repaired() {}

            @Override
            public long neededFrom() {
                return Long.MAX_VALUE;
            }
        };

        /** {@link NodeService#store()} shows more than before, or is another one that shows as much. */
        void advanced();

        /**
         * What {@link NodeService#store()} showed until now was not what the other members hold, and another state has taken
         * its place. Called before {@link NodeService#isTrusted()} says yes again.
         */
        void repaired();

        /**
         * Events from this revision on are still to be read, so they are not removed yet, though they may be compacted.
         * Refers to the store as it was at some time not before the last call of {@link #advanced}.
         */
        long neededFrom();
    }

    /** Asks the leader about a lease, again until it answers or the time is up (LE-2, LE-4). One call of {@code callback}. */
    void askLease(LeaseQuestion question, LeaseCallback callback);

    /** The shortest TTL that a lease is granted (LE-1). */
    long shortestLeaseSeconds();

    @FunctionalInterface
    interface LeaseCallback {
        /**
         * @param failure null if there is an answer
         * @param answer null if there is a failure; never {@link LeaseAnswer.NotLeader}
         */
        void on(
                @org.jspecify.annotations.Nullable Failure failure,
                @org.jspecify.annotations.Nullable LeaseAnswer answer);
    }

    @FunctionalInterface
    interface ReadinessCallback {
        /** @param readiness {@link PeerQuestions.Readiness#NOT_LEADER} if no leader could be asked */
        void on(PeerQuestions.Readiness readiness);
    }

    @FunctionalInterface
    interface ProposalCallback {
        void on(ProposalResult result);

        /**
         * Whether nobody waits for the outcome any more. What has not been proposed by then need not be, and is refused; what may
         * have been goes on. Safe for all threads, and cheap.
         */
        default boolean isAbandoned() {
            return false;
        }
    }

    @FunctionalInterface
    interface ReadCallback {
        /** @param failure null when the read may be served now */
        void on(@org.jspecify.annotations.Nullable Failure failure);
    }

    @FunctionalInterface
    interface MoveLeaderCallback {
        /** @param failure null when {@code target} leads */
        void on(@org.jspecify.annotations.Nullable Failure failure);
    }

    /** The three outcomes that a caller must be able to tell apart. */
    sealed interface ProposalResult {
        /** Committed and applied on this node; the result may still be a refusal by the state machine. */
        record Done(CommandResult result) implements ProposalResult {}

        /** Certainly never applied. */
        record Refused(Failure why) implements ProposalResult {}

        /** May have been applied, now or later. */
        record Unknown(Failure why) implements ProposalResult {}
    }

    /** Why a call did not succeed; each has its etcd code and text at the edge (contract C.1). */
    enum Failure {
        NO_LEADER,
        LEADER_CHANGED,
        NOT_LEADER,
        BAD_TRANSFEREE,
        TOO_MANY_REQUESTS,
        TOO_LARGE,
        TIMEOUT,
        /** The timeout passed while a leader failed. */
        TIMEOUT_LEADER_FAILED,
        /** The timeout passed while this member was cut off. */
        TIMEOUT_CONNECTION_LOST,
        TRANSFER_TOO_LONG,
        /** The disk of this member is full, and the command would add to it. */
        DISK_FULL,
        /** What this member has applied is in doubt, see {@code DivergenceGuard}. */
        QUARANTINED,
        STOPPED
    }
}
