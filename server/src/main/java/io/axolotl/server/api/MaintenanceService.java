package io.axolotl.server.api;

import io.axolotl.client.proto.AlarmMember;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.AlarmType;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.DefragmentResponse;
import io.axolotl.client.proto.DowngradeInfo;
import io.axolotl.client.proto.DowngradeRequest;
import io.axolotl.client.proto.DowngradeResponse;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.HashRequest;
import io.axolotl.client.proto.HashResponse;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.MoveLeaderResponse;
import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.SnapshotResponse;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.mvcc.HashAnswer;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of one member, and the alarms of all (contract B.10). Only the alarms and the planned handover of
 * leadership concern the cluster; all else is answered by this member alone, without a quorum.
 *
 * <p>What goes through the whole store waits its turn on the {@link ReadPool}'s lane for that, one at a time.
 *
 * <p>Safe for all threads.
 */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
    private static final Gate.Rule USERS = (access, state) -> access.asUser();

    private static final Gate.Rule OPERATORS = (access, state) -> access.asRoot();

    /** MT-7: as etcd, which fills up a version of two numbers, and looks at nothing behind the second one. */
    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+(\\.\\d+([-+].*)?)?");

    private final NodeService node;
    private final Gate gate;
    private final StoreReader store;
    private final Quota quota;
    private final ReadPool reads;
    private final RemovalWait removal;
    private final Headers headers;
    private final ApiMetrics metrics;

    MaintenanceService(NodeService node, ApiLimits limits, Gate gate, Quota quota, ReadPool reads, ApiMetrics metrics) {
        this.node = node;
        this.metrics = metrics;
        this.gate = gate;
        // What operators ask is asked when something is wrong: a member in doubt answers too.
        this.store = new StoreReader(node::store);
        this.quota = quota;
        this.reads = reads;
        this.removal = new RemovalWait(store, limits.requestTimeout());
        this.headers = new Headers(node);
    }

    /** MT-1. A list is of the linearizable state; with etcd it takes a log entry, here a barrier. */
    @Override
    public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
        Login login = Login.current();
        AlarmKind kind = AlarmKind.ofCode(request.getAlarmValue());
        switch (request.getAction()) {
            case GET ->
                node.readBarrier(failure -> {
                    if (failure == null) {
                        answer(login, USERS, observer, s -> alarms(s.revision(), listed(s, request)));
                    } else {
                        observer.onError(EtcdError.of(failure).exception());
                    }
                });
            case ACTIVATE, DEACTIVATE -> {
                if (kind == null) {
                    answer(login, OPERATORS, observer, s -> alarms(s.revision(), List.of()));
                    return;
                }
                Alarm alarm = new Alarm(request.getMemberID(), kind);
                boolean isRaise = request.getAction() == AlarmRequest.AlarmAction.ACTIVATE;
                gate.propose(
                        login,
                        isRaise ? new Command.RaiseAlarm(alarm) : new Command.DisarmAlarm(alarm),
                        Proposed.then(observer, CommandResult.AlarmsChanged.class, changed -> {
                            observer.onNext(alarms(changed.revision(), changed.told()));
                            observer.onCompleted();
                        }));
            }
            case UNRECOGNIZED -> observer.onError(EtcdError.UNKNOWN_METHOD.exception());
        }
    }

    private static List<Alarm> listed(KvStateMachine state, AlarmRequest request) {
        return state.alarms().all().stream()
                .filter(alarm ->
                        request.getAlarm() == AlarmType.NONE || alarm.kind().code() == request.getAlarmValue())
                .toList();
    }

    private AlarmResponse alarms(long revision, List<Alarm> told) {
        AlarmResponse.Builder response = AlarmResponse.newBuilder().setHeader(headers.at(revision));
        for (Alarm alarm : told) {
            response.addAlarms(AlarmMember.newBuilder()
                    .setMemberID(alarm.memberId())
                    .setAlarmValue(alarm.kind().code()));
        }
        return response.build();
    }

    /**
     * MT-2: what this member knows, without asking anyone. Clients divide by the size and compare the indexes, so the
     * size is never 0, no more is in use than there is, and nothing is applied that is not committed, though the parts
     * are read one after the other.
     */
    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
        answer(Login.current(), USERS, observer, this::status);
    }

    private StatusResponse status(KvStateMachine state) {
        long inUseBytes = state.sizeInUseBytes();
        long sizeBytes = Math.max(inUseBytes, state.sizeBytes());
        long revision = state.revision();
        long storedIndex = state.applied().index();
        NodeView view = node.view();
        long appliedIndex = Math.max(view.appliedIndex(), storedIndex);
        StatusResponse.Builder response = StatusResponse.newBuilder()
                .setHeader(headers.at(revision))
                .setVersion(EtcdVersion.SERVER)
                .setDbSize(sizeBytes)
                .setDbSizeInUse(inUseBytes)
                .setLeader(view.leader() == null ? 0 : view.leader().value())
                .setRaftIndex(Math.max(view.commitIndex(), appliedIndex))
                .setRaftTerm(view.term())
                .setRaftAppliedIndex(appliedIndex)
                .setIsLearner(view.membership().learners().contains(view.self()))
                .setStorageVersion(EtcdVersion.STORAGE)
                .setDbSizeQuota(Math.max(0, quota.limitBytes()))
                .setDowngradeInfo(DowngradeInfo.getDefaultInstance());
        if (view.leader() == null) {
            response.addErrors(EtcdError.NO_LEADER.text());
        }
        state.alarms().all().forEach(alarm -> response.addErrors(alarm.toString()));
        if (!node.isTrusted()) {
            response.addErrors(EtcdError.QUARANTINED.text());
        }
        return response.build();
    }

    /** MT-4, the old form: of everything that all members hold alike. */
    @Override
    public void hash(HashRequest request, StreamObserver<HashResponse> observer) {
        Login login = Login.current();
        pass(
                observer,
                () -> answer(login, OPERATORS, observer, s -> {
                    long startNanos = System.nanoTime();
                    Digest digest = s.digest();
                    metrics.hashed(System.nanoTime() - startNanos);
                    return HashResponse.newBuilder()
                            .setHeader(headers.at(digest.revision()))
                            .setHash(digest.crc32c())
                            .build();
                }));
    }

    /** MT-4. */
    @Override
    public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
        Login login = Login.current();
        pass(observer, () -> {
            HashAnswer answer;
            long startNanos = System.nanoTime();
            try {
                answer = gate.read(login, store, OPERATORS, s -> s.hash(request.getRevision()));
                metrics.hashedKeys(System.nanoTime() - startNanos);
            } catch (RequestRefused refused) {
                observer.onError(refused.error().exception());
                return;
            }
            if (answer instanceof HashAnswer.Refused refused) {
                observer.onError(EtcdError.of(refused.why()).exception());
            } else if (answer instanceof HashAnswer.Hashed hashed) {
                observer.onNext(HashKVResponse.newBuilder()
                        .setHeader(headers.at(hashed.revision()))
                        .setHash(hashed.crc32c())
                        .setCompactRevision(hashed.compactRevision())
                        .setHashRevision(hashed.hashRevision())
                        .build());
                observer.onCompleted();
            }
        });
    }

    /**
     * MT-3: answered when the room is given back, without a header (HD-3). Nobody is held up meanwhile. What is compacted
     * is removed first, or there would be little to give back to whoever has just compacted.
     */
    @Override
    public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
        long floor;
        try {
            floor = gate.read(Login.current(), store, OPERATORS, KvStateMachine::compactRevision);
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        removal.await(floor, late -> pass(observer, () -> defragment(observer)));
    }

    private void defragment(StreamObserver<DefragmentResponse> observer) {
        Runnable ended = metrics.defragmenting();
        try {
            store.read(s -> {
                s.defragment();
                return DefragmentResponse.getDefaultInstance();
            });
            observer.onNext(DefragmentResponse.getDefaultInstance());
            observer.onCompleted();
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
        } catch (EngineFullException full) {
            observer.onError(EtcdError.DISK_FULL.exception());
        } finally {
            ended.run();
        }
    }

    /** MT-5: the state of this member as of now, without a quorum. A state that is in doubt is not handed on. */
    @Override
    public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> observer) {
        if (!isAllowed(observer)) {
            return;
        }
        new SnapshotStream(node, store, reads, (ServerCallStreamObserver<SnapshotResponse>) observer).start();
    }

    /**
     * MT-7, honestly: there is no version below this one to go to, so every target is refused in etcd's words. A target that
     * etcd would not be able to read comes first. Cancelling what is not under way succeeds, as with etcd.
     */
    @Override
    public void downgrade(DowngradeRequest request, StreamObserver<DowngradeResponse> observer) {
        if (!isAllowed(observer)) {
            return;
        }
        switch (request.getAction()) {
            case VALIDATE, ENABLE ->
                observer.onError((VERSION.matcher(request.getVersion()).matches()
                                ? EtcdError.INVALID_DOWNGRADE_TARGET_VERSION
                                : EtcdError.WRONG_DOWNGRADE_VERSION_FORMAT)
                        .exception());
            case CANCEL ->
                answer(
                        Login.current(),
                        OPERATORS,
                        observer,
                        s -> DowngradeResponse.newBuilder()
                                .setHeader(headers.at(s.revision()))
                                .setVersion(EtcdVersion.CLUSTER_SHORT)
                                .build());
            case UNRECOGNIZED -> observer.onError(EtcdError.UNKNOWN_METHOD.exception());
        }
    }

    /** MT-6: only the leader hands over; the answer has no header (HD-3). */
    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
        if (!isAllowed(observer)) {
            return;
        }
        if (!node.view().isLeader()) {
            answer(observer, Failure.NOT_LEADER);
        } else if (request.getTargetID() == 0) {
            answer(observer, Failure.BAD_TRANSFEREE);
        } else {
            node.moveLeader(new NodeId(request.getTargetID()), failure -> answer(observer, failure));
        }
    }

    private static void answer(StreamObserver<MoveLeaderResponse> observer, @Nullable Failure failure) {
        if (failure == null) {
            observer.onNext(MoveLeaderResponse.getDefaultInstance());
            observer.onCompleted();
        } else {
            observer.onError(EtcdError.of(failure).exception());
        }
    }

    /** Whether the caller may do what is for operators; if not, it has been told so. */
    private boolean isAllowed(StreamObserver<?> observer) {
        try {
            gate.require(Login.current(), store, OPERATORS);
            return true;
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return false;
        }
    }

    private <A> void answer(
            Login login, Gate.Rule rule, StreamObserver<A> observer, Function<KvStateMachine, A> reading) {
        A answer;
        try {
            answer = gate.read(login, store, rule, reading);
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    private void pass(StreamObserver<?> observer, Runnable pass) {
        if (!reads.offerPass(pass)) {
            observer.onError(EtcdError.TOO_MANY_REQUESTS.exception());
        }
    }
}
