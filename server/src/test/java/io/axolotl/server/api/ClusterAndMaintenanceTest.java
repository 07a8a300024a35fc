package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.server.driver.NodeService.Failure;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterAndMaintenanceTest {
    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    @DisplayName("CL-4, CL-5, HD-3: members with what is known of them, under a header without revision")
    void membersAreListed() {
        MemberListResponse response = edge.cluster.memberList(MemberListRequest.getDefaultInstance());

        assertThat(response.getHeader())
                .isEqualTo(ResponseHeader.newBuilder()
                        .setClusterId(FakeNode.CLUSTER_ID)
                        .setMemberId(FakeNode.SELF.value())
                        .setRaftTerm(FakeNode.TERM)
                        .build());
        assertThat(response.getMembersList())
                .containsExactlyInAnyOrder(
                        Member.newBuilder()
                                .setID(FakeNode.SELF.value())
                                .setName("n1")
                                .addPeerURLs("http://h1:2380")
                                .addClientURLs("http://h1:2379")
                                .build(),
                        Member.newBuilder()
                                .setID(FakeNode.OTHER.value())
                                .addPeerURLs("http://h2:2380")
                                .build(),
                        Member.newBuilder()
                                .setID(FakeNode.LEARNER.value())
                                .setIsLearner(true)
                                .build());
    }

    @Test
    @DisplayName("CL-4: only the linearizable list needs a barrier")
    void aLinearizableListWaitsForABarrier() {
        edge.node.barrierFailure = Failure.LEADER_CHANGED;

        assertThat(edge.cluster
                        .memberList(MemberListRequest.getDefaultInstance())
                        .getMembersCount())
                .isEqualTo(3);
        assertRefused(
                EtcdError.LEADER_CHANGED,
                () -> edge.cluster.memberList(
                        MemberListRequest.newBuilder().setLinearizable(true).build()));
    }

    @Test
    @DisplayName("MT-2: every field of the status keeps its promise")
    void statusTellsWhatClientsReadFromIt() {
        edge.kv.put(put("k", "v"));

        StatusResponse status = edge.maintenance.status(StatusRequest.getDefaultInstance());

        assertThat(status.getHeader().getRevision()).isEqualTo(2);
        assertThat(status.getVersion()).matches("3\\.6\\.\\d+");
        assertThat(status.getStorageVersion()).isEqualTo("3.6.0");
        assertThat(status.getDbSize()).isPositive();
        assertThat(status.getDbSizeInUse()).isPositive().isLessThanOrEqualTo(status.getDbSize());
        assertThat(status.getDbSizeQuota()).isEqualTo(2L << 30);
        assertThat(status.getLeader()).isEqualTo(FakeNode.SELF.value());
        assertThat(status.getRaftTerm()).isEqualTo(FakeNode.TERM);
        assertThat(status.getRaftAppliedIndex()).isPositive().isLessThanOrEqualTo(status.getRaftIndex());
        assertThat(status.getIsLearner()).isFalse();
        assertThat(status.hasDowngradeInfo()).isTrue();
        assertThat(status.getErrorsList()).isEmpty();
    }

    @Test
    @DisplayName("MT-2: status is answered while a snapshot replaces the store")
    void statusSurvivesTheReplacementOfTheStore() {
        edge.kv.put(put("k", "v"));
        edge.node.replaceStoreAtEveryLook();

        StatusResponse status = edge.maintenance.status(StatusRequest.getDefaultInstance());

        assertThat(status.getHeader().getRevision()).isEqualTo(2);
        assertThat(status.getRaftAppliedIndex()).isEqualTo(1);
    }

    @Test
    @DisplayName("MT-2: without a leader the status says so, and needs no quorum to say it")
    void statusWorksWithoutALeader() {
        edge.node.leader = null;
        edge.node.barrierFailure = Failure.NO_LEADER;

        StatusResponse status = edge.maintenance.status(StatusRequest.getDefaultInstance());

        assertThat(status.getLeader()).isZero();
        assertThat(status.getErrorsList()).containsExactly("etcdserver: no leader");
    }

    @Test
    @DisplayName("MT-6, HD-3: the leader hands over and answers without a header")
    void theLeaderHandsOver() {
        assertThat(edge.maintenance.moveLeader(moveTo(FakeNode.OTHER.value())).hasHeader())
                .isFalse();
        assertThat(edge.node.movedTo).isEqualTo(FakeNode.OTHER);
    }

    @Test
    @DisplayName("MT-6: not leader comes before bad leader transferee")
    void handoversThatCannotBeAreRefused() {
        assertRefused(EtcdError.BAD_TRANSFEREE, () -> edge.maintenance.moveLeader(moveTo(0)));
        edge.node.moveLeaderFailure = Failure.BAD_TRANSFEREE;
        assertRefused(EtcdError.BAD_TRANSFEREE, () -> edge.maintenance.moveLeader(moveTo(99)));
        edge.node.moveLeaderFailure = Failure.TRANSFER_TOO_LONG;
        assertRefused(EtcdError.TRANSFER_TOO_LONG, () -> edge.maintenance.moveLeader(moveTo(2)));
        edge.node.leader = FakeNode.OTHER;
        assertRefused(EtcdError.NOT_LEADER, () -> edge.maintenance.moveLeader(moveTo(0)));
    }

    @Test
    @DisplayName("A.6: the standard health service serves the empty name")
    void theStandardHealthServiceAnswers() {
        assertThat(HealthGrpc.newBlockingStub(edge.channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    @DisplayName("A.6: reflection lists etcd's services")
    void reflectionListsTheServices() throws Exception {
        CompletableFuture<List<String>> names = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(edge.channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        names.complete(response.getListServicesResponse().getServiceList().stream()
                                .map(ServiceResponse::getName)
                                .toList());
                    }

                    @Override
                    public void onError(Throwable t) {
                        names.completeExceptionally(t);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(names.get(30, TimeUnit.SECONDS))
                .contains(
                        "etcdserverpb.KV", "etcdserverpb.Cluster", "etcdserverpb.Maintenance", "grpc.health.v1.Health");
        requests.onCompleted();
    }

    private static MoveLeaderRequest moveTo(long target) {
        return MoveLeaderRequest.newBuilder().setTargetID(target).build();
    }
}
