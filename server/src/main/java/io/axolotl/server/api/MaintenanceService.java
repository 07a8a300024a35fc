package io.axolotl.server.api;

import io.axolotl.client.proto.DowngradeInfo;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.MoveLeaderResponse;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Status and the planned handover of leadership (contract B.10); the other calls answer UNIMPLEMENTED.
 *
 * <p>Safe for all threads.
 */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
    private final NodeService node;
    private final StoreReader store;
    private final Quota quota;
    private final Headers headers;

    MaintenanceService(NodeService node, Quota quota) {
        this.node = node;
        this.store = new StoreReader(node::store);
        this.quota = quota;
        this.headers = new Headers(node);
    }

    /**
     * MT-2: what this member knows, without asking anyone. Clients divide by the size and compare the indexes, so the
     * size is never 0, no more is in use than there is, and nothing is applied that is not committed, though the parts
     * are read one after the other.
     */
    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
        long sizeBytes;
        long inUseBytes;
        long revision;
        long storedIndex;
        try {
            inUseBytes = store.read(KvStateMachine::sizeInUseBytes);
            sizeBytes = Math.max(inUseBytes, store.read(KvStateMachine::sizeBytes));
            revision = store.read(KvStateMachine::revision);
            storedIndex = store.read(s -> s.applied().index());
        } catch (RequestRefused refused) {
            observer.onError(refused.error().exception());
            return;
        }
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
        observer.onNext(response.build());
        observer.onCompleted();
    }

    /** MT-6: only the leader hands over; the answer has no header (HD-3). */
    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
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
}
