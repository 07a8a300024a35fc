package io.axolotl.server.api;

import com.google.protobuf.Message;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberPromoteResponse;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberRemoveResponse;
import io.axolotl.client.proto.MemberUpdateRequest;
import io.axolotl.client.proto.MemberUpdateResponse;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.peer.PeerQuestions.Readiness;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.statemachine.Roster;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Who is in the cluster, and changes of that (contract B.9). A change is a command like any other, which records what is wanted;
 * the leader then brings the membership there (docs/adr/0020), and the call waits for it.
 *
 * <p>Safe for all threads.
 */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
    /**
     * An added member may be needed for its own addition: the second voter of a cluster of one. So the call ends when the
     * addition is on record and this has passed; the membership follows when the member has been started.
     */
    private static final long ADD_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NodeService node;
    private final Gate gate;
    private final ReconfigurationRules rules;
    private final QuorumGuard guard;
    private final long patienceNanos;
    private final StoreReader store;
    private final StoreReader storeInDoubt;
    private final Headers headers;

    /** @param patienceNanos how long a call waits for the membership to change */
    ClusterService(NodeService node, Gate gate, ReconfigurationRules rules, long patienceNanos) {
        this.node = node;
        this.gate = gate;
        this.rules = rules;
        this.guard = new QuorumGuard(node, rules, System::nanoTime);
        this.patienceNanos = patienceNanos;
        this.store = new StoreReader(node::store, node::isTrusted);
        this.storeInDoubt = new StoreReader(node::store);
        this.headers = new Headers(node);
    }

    /**
     * CL-4, CL-5: a member that has not published its name yet is listed without name and client URLs. Whoever asks for no more
     * than what this member believes is told that also while it is in doubt, to see why it may be.
     */
    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
        Login login = Login.current();
        if (!request.getLinearizable()) {
            list(login, storeInDoubt, observer);
            return;
        }
        node.readBarrier(failure -> {
            if (failure == null) {
                list(login, store, observer);
            } else {
                observer.onError(EtcdError.of(failure).exception());
            }
        });
    }

    private void list(Login login, StoreReader reader, StreamObserver<MemberListResponse> observer) {
        try {
            gate.require(login, reader, (access, state) -> access.asUser());
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        answer(
                reader,
                observer,
                members -> MemberListResponse.newBuilder()
                        .setHeader(headers.withoutRevision())
                        .addAllMembers(members)
                        .build());
    }

    /** CL-1, CL-2. */
    @Override
    public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> observer) {
        Login login = Login.current();
        Command.AddMember add;
        try {
            requireRoot(login);
            List<String> urls = MemberUrls.check(request.getPeerURLsList());
            guard.checkAdd(request.getIsLearner());
            Instant now = Instant.now();
            long id = MemberUrls.idOf(
                    urls, node.clusterId(), TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
            boolean isStandby = request.getIsLearner() && StandbyMark.isSet();
            add = new Command.AddMember(id, urls, request.getIsLearner(), isStandby, rules.maxLearners());
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        NodeId id = new NodeId(add.memberId());
        propose(
                login,
                add,
                observer,
                () -> node.awaitRoster(
                        roster -> roster.membership().contains(id)
                                && !roster.membership().isJoint(),
                        ADD_PATIENCE_NANOS,
                        failure -> answer(store, observer, members -> added(add, members))));
    }

    private MemberAddResponse added(Command.AddMember add, List<Member> members) {
        return MemberAddResponse.newBuilder()
                .setHeader(headers.withoutRevision())
                .setMember(Member.newBuilder()
                        .setID(add.memberId())
                        .addAllPeerURLs(add.peerUrls())
                        .setIsLearner(add.isLearner()))
                .addAllMembers(members)
                .build();
    }

    /** CL-2, CL-3. */
    @Override
    public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> observer) {
        Login login = Login.current();
        try {
            requireRoot(login);
            guard.checkRemove(request.getID());
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        change(
                login,
                new Command.RemoveMember(request.getID()),
                roster -> roster.hasLeft(new NodeId(request.getID()))
                        && !roster.membership().isJoint(),
                observer,
                members -> MemberRemoveResponse.newBuilder()
                        .setHeader(headers.withoutRevision())
                        .addAllMembers(members)
                        .build());
    }

    /** CL-3: only the leader knows how far the learner is, so it is asked first. */
    @Override
    public void memberPromote(MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> observer) {
        Login login = Login.current();
        try {
            requireRoot(login);
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        if (request.getID() == 0) {
            observer.onError(EtcdError.MEMBER_NOT_FOUND.exception());
            return;
        }
        NodeId learner = new NodeId(request.getID());
        node.askReadiness(learner, readiness -> {
            if (readiness != Readiness.READY) {
                observer.onError(refusalOf(readiness).exception());
                return;
            }
            try {
                guard.checkPromote();
            } catch (RequestRefused refused) {
                observer.onError(refused.error().exception());
                return;
            }
            change(
                    login,
                    new Command.PromoteMember(request.getID()),
                    roster -> roster.membership().voters().contains(learner)
                            && !roster.membership().isJoint(),
                    observer,
                    members -> MemberPromoteResponse.newBuilder()
                            .setHeader(headers.withoutRevision())
                            .addAllMembers(members)
                            .build());
        });
    }

    private static EtcdError refusalOf(Readiness readiness) {
        return switch (readiness) {
            case NOT_LEADER -> EtcdError.NO_LEADER;
            case NOT_FOUND -> EtcdError.MEMBER_NOT_FOUND;
            case NOT_READY, READY -> EtcdError.LEARNER_NOT_READY;
        };
    }

    /** CL-3. */
    @Override
    public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> observer) {
        Login login = Login.current();
        List<String> urls;
        try {
            requireRoot(login);
            urls = MemberUrls.check(request.getPeerURLsList());
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        propose(
                login,
                new Command.UpdateMember(request.getID(), urls),
                observer,
                () -> answer(
                        store,
                        observer,
                        members -> MemberUpdateResponse.newBuilder()
                                .setHeader(headers.withoutRevision())
                                .addAllMembers(members)
                                .build()));
    }

    /** Proposes, waits until the membership is as wanted, and answers. */
    private <A extends Message> void change(
            Login login,
            Command.OfMembers command,
            Predicate<Roster> isDone,
            StreamObserver<A> observer,
            Function<List<Member>, A> answer) {
        propose(
                login,
                command,
                observer,
                () -> node.awaitRoster(isDone, patienceNanos, failure -> {
                    if (failure == null) {
                        answer(store, observer, answer);
                    } else {
                        // It is on record, and the leader goes on with it.
                        observer.onError(EtcdError.ofUnknown(failure).exception());
                    }
                }));
    }

    /** Before anything is looked at that tells of the cluster; and again when it is applied. */
    private void requireRoot(Login login) throws RequestRefused {
        gate.require(login, store, (access, state) -> access.asRoot());
    }

    private void propose(Login login, Command.OfMembers command, StreamObserver<?> observer, Runnable onRecorded) {
        gate.propose(
                login,
                command,
                Proposed.then(observer, CommandResult.MemberRecorded.class, recorded -> onRecorded.run()));
    }

    /**
     * Answers with the members, or says that they are in doubt or that the server stops. Both are what a change whose outcome is
     * unknown ends with, too: it is recorded, as far as this member can tell. Held in memory, so any thread may ask.
     */
    private static <A> void answer(StoreReader reader, StreamObserver<A> observer, Function<List<Member>, A> answer) {
        List<Member> members;
        try {
            members = reader.read(store ->
                    store.roster().members().stream().map(Responses::member).toList());
        } catch (RequestRefused inDoubt) {
            observer.onError(inDoubt.error().exception());
            return;
        }
        observer.onNext(answer.apply(members));
        observer.onCompleted();
    }
}
