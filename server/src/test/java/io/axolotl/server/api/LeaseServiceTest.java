package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LeaseTimeToLiveResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpLimits;
import io.axolotl.server.wire.FakeServerCall;
import io.axolotl.storage.command.Command;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.8 over gRPC, with the codes and texts of C.1. */
class LeaseServiceTest {
    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private LeaseGrantResponse grant(long id, long ttl) {
        return edge.lease.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build());
    }

    private void revoke(long id) {
        edge.lease.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
    }

    private LeaseTimeToLiveResponse timeToLive(long id, boolean hasKeys) {
        return edge.lease.leaseTimeToLive(
                LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(hasKeys).build());
    }

    private long put(String key, long lease) {
        return edge.kv
                .put(PutRequest.newBuilder().setKey(bytes(key)).setLease(lease).build())
                .getHeader()
                .getRevision();
    }

    private long leaseOf(String key) {
        return edge.kv.range(Edge.range(key).build()).getKvs(0).getLease();
    }

    /** Sends all of these and half-closes, and returns what came, or throws what ended it. */
    private List<LeaseKeepAliveResponse> keepAlive(long... ids) {
        List<LeaseKeepAliveResponse> answers = new ArrayList<>();
        CompletableFuture<List<LeaseKeepAliveResponse>> end = new CompletableFuture<>();
        StreamObserver<LeaseKeepAliveRequest> requests = LeaseGrpc.newStub(edge.channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .leaseKeepAlive(new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse answer) {
                        answers.add(answer);
                    }

                    @Override
                    public void onError(Throwable cause) {
                        end.completeExceptionally(cause);
                    }

                    @Override
                    public void onCompleted() {
                        end.complete(answers);
                    }
                });
        for (long id : ids) {
            requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
        }
        requests.onCompleted();
        try {
            return end.get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw (StatusRuntimeException) e.getCause();
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName(
            "LE-1: the id is the one that was asked for, or positive and of the server's choice; the answer has a whole header")
    void grantsIds() {
        LeaseGrantResponse asked = grant(7, 60);
        assertThat(asked.getID()).isEqualTo(7);
        assertThat(asked.getTTL()).isEqualTo(60);
        assertThat(asked.getError()).isEmpty();
        assertThat(asked.getHeader().getClusterId()).isEqualTo(FakeNode.CLUSTER_ID);
        assertThat(asked.getHeader().getRevision()).isEqualTo(1);
        assertThat(grant(0, 60).getID()).isPositive().isNotEqualTo(grant(0, 60).getID());
    }

    @Test
    @DisplayName(
            "LE-1: a TTL below the floor is raised to it, also 0 and less; one above 9,000,000,000 is refused, and an id in use")
    void grantsTtls() {
        for (long ttl : new long[] {1, 0, -5}) {
            assertThat(grant(0, ttl).getTTL()).isEqualTo(2);
        }
        assertThat(grant(7, 9_000_000_000L).getTTL()).isEqualTo(9_000_000_000L);
        assertRefused(Status.Code.OUT_OF_RANGE, "etcdserver: too large lease TTL", () -> grant(8, 9_000_000_001L));
        assertRefused(Status.Code.FAILED_PRECONDITION, "etcdserver: lease already exists", () -> grant(7, 60));
    }

    @Test
    @DisplayName("QU-1: a grant is refused when the quota is used up; a revoke is not")
    void grantNeedsRoom() {
        try (Edge full = new Edge(1, HttpLimits.DEFAULT, ClientPort.Settings.PERMIT_KEEP_ALIVE)) {
            assertRefused(
                    EtcdError.NO_SPACE,
                    () -> full.lease.leaseGrant(
                            LeaseGrantRequest.newBuilder().setTTL(60).build()));
            assertRefused(
                    EtcdError.LEASE_NOT_FOUND,
                    () -> full.lease.leaseRevoke(
                            LeaseRevokeRequest.newBuilder().setID(7).build()));
        }
    }

    @Test
    @DisplayName("PU-2: a put with a lease that does not exist is NotFound, in a transaction too")
    void putNeedsItsLease() {
        assertRefused(Status.Code.NOT_FOUND, "etcdserver: requested lease not found", () -> put("k", 7));
        assertRefused(
                EtcdError.LEASE_NOT_FOUND,
                () -> edge.kv.txn(TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestPut(PutRequest.newBuilder()
                                        .setKey(bytes("k"))
                                        .setLease(7)))
                        .build()));
    }

    @Test
    @DisplayName("PU-3, PU-4: a key shows its lease, keeps it with ignore_lease, and loses it by a plain put")
    void keysShowTheirLease() {
        grant(7, 60);
        put("k", 7);
        assertThat(leaseOf("k")).isEqualTo(7);
        edge.kv.put(PutRequest.newBuilder()
                .setKey(bytes("k"))
                .setValue(bytes("v"))
                .setIgnoreLease(true)
                .build());
        assertThat(leaseOf("k")).isEqualTo(7);
        put("k", 0);
        assertThat(leaseOf("k")).isZero();
        assertThat(timeToLive(7, true).getKeysList()).isEmpty();
    }

    @Test
    @DisplayName("LE-3: a revoke deletes the keys in one revision; an unknown lease is NotFound")
    void revokes() {
        grant(7, 60);
        put("b", 7);
        put("a", 7);
        assertThat(edge.lease
                        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(7).build())
                        .getHeader()
                        .getRevision())
                .isEqualTo(4);
        assertThat(edge.kv.range(Edge.range("a", "z").build()).getCount()).isZero();
        assertRefused(Status.Code.NOT_FOUND, "etcdserver: requested lease not found", () -> revoke(7));
    }

    @Test
    @DisplayName("LE-2: one answer per request, in order; the granted TTL, and 0 for a lease that is not there")
    void keepsAlive() {
        grant(7, 60);
        grant(8, 30);
        List<LeaseKeepAliveResponse> answers = keepAlive(7, 9, 8, 7);
        assertThat(answers).extracting(LeaseKeepAliveResponse::getID).containsExactly(7L, 9L, 8L, 7L);
        assertThat(answers).extracting(LeaseKeepAliveResponse::getTTL).containsExactly(60L, 0L, 30L, 60L);
        assertThat(answers)
                .allSatisfy(
                        answer -> assertThat(answer.getHeader().getRevision()).isEqualTo(1));
    }

    /** A client that takes answers when it likes. */
    private static final class SlowClient extends FakeServerCall<LeaseKeepAliveResponse> {
        private final List<LeaseKeepAliveResponse> sent = new ArrayList<>();
        private int requested;
        private boolean isReady = true;
        private Runnable onReady = () -> {};

        @Override
        public boolean isReady() {
            return isReady;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void request(int count) {
            requested += count;
        }

        @Override
        public void onNext(LeaseKeepAliveResponse answer) {
            sent.add(answer);
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError("the stream was not to end", failure);
        }

        @Override
        public void onCompleted() {
            throw new AssertionError("the stream was not to end");
        }
    }

    @Test
    @DisplayName("A5: a client that renews and takes no answers is not asked for more until it does")
    void aClientThatTakesNoAnswersIsNotReadFrom() {
        grant(7, 60);
        LeaseService service = new LeaseService(
                edge.node,
                ApiLimits.ofHeap(Edge.MAX_TXN_OPS, 2L << 30, Duration.ofSeconds(20)),
                new Gate(edge.node, new Quota(edge.node, 2L << 30, System::nanoTime), edge.tokens),
                edge.reads);
        SlowClient client = new SlowClient();
        StreamObserver<LeaseKeepAliveRequest> requests = service.leaseKeepAlive(client);
        LeaseKeepAliveRequest renewal =
                LeaseKeepAliveRequest.newBuilder().setID(7).build();
        requests.onNext(renewal);
        assertThat(client.sent).hasSize(1);
        assertThat(client.requested)
                .as("one to begin with, one for the answer taken")
                .isEqualTo(2);
        client.isReady = false;
        requests.onNext(renewal);
        assertThat(client.sent).hasSize(2);
        assertThat(client.requested).isEqualTo(2);
        client.isReady = true;
        client.onReady.run();
        client.onReady.run();
        assertThat(client.requested).isEqualTo(3);
    }

    @Test
    @DisplayName("LE-2: without a leader the stream ends with an error that clients try again")
    void keepAliveNeedsALeader() {
        edge.node.leaseFailure = Failure.NO_LEADER;
        assertRefused(Status.Code.UNAVAILABLE, "etcdserver: no leader", () -> keepAlive(7));
        edge.node.leaseFailure = Failure.TIMEOUT;
        assertRefused(Status.Code.UNAVAILABLE, "etcdserver: request timed out", () -> timeToLive(7, false));
    }

    @Test
    @DisplayName(
            "LE-4: what is left and what was granted, with the keys if asked for; what is missing is a success with -1")
    void tellsTimeToLive() {
        grant(7, 60);
        put("b", 7);
        put("a", 7);
        edge.node.pass(Duration.ofMillis(10_500));
        LeaseTimeToLiveResponse answer = timeToLive(7, true);
        assertThat(answer.getTTL()).isBetween(49L, 51L);
        assertThat(answer.getGrantedTTL()).isEqualTo(60);
        assertThat(answer.getKeysList()).containsExactly(bytes("a"), bytes("b"));
        assertThat(answer.getHeader().getRevision()).isEqualTo(3);
        assertThat(timeToLive(7, false).getKeysList()).isEmpty();
        LeaseTimeToLiveResponse missing = timeToLive(9, true);
        assertThat(missing.getTTL()).isEqualTo(-1);
        assertThat(missing.getGrantedTTL()).isZero();
        assertThat(missing.getID()).isEqualTo(9);
    }

    @Test
    @DisplayName("LE-6: a lease that is not renewed ends, and its keys")
    void expires() {
        grant(7, 10);
        grant(8, 20);
        put("a", 7);
        put("b", 8);
        edge.node.pass(Duration.ofSeconds(12));
        assertThat(timeToLive(7, true).getTTL()).isEqualTo(-1);
        assertThat(keepAlive(7).get(0).getTTL()).isZero();
        assertThat(edge.kv.range(Edge.range("a", "z").build()).getKvsList())
                .extracting(kv -> kv.getKey().toStringUtf8())
                .containsExactly("b");
    }

    @Test
    @DisplayName("LE-5: all leases that this member knows, though nobody leads")
    void listsLeases() {
        grant(8, 60);
        grant(-3, 60);
        edge.node.leader = null;
        assertThat(edge.lease
                        .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                        .getLeasesList())
                .extracting(LeaseStatus::getID)
                .containsExactly(-3L, 8L);
    }

    @Test
    @DisplayName("GU-6: a grant whose outcome nobody knows is Unavailable, and is not made again under another id")
    void unknownGrantStaysUnknown() {
        edge.node.outcome = new ProposalResult.Unknown(Failure.TIMEOUT_LEADER_FAILED);
        int before = edge.node.proposals.get();
        assertRefused(EtcdError.TIMEOUT_LEADER_FAILED, () -> grant(0, 60));
        assertThat(edge.node.proposals.get()).isEqualTo(before + 1);
    }

    @Test
    @DisplayName("MT-8: a learner serves no lease call")
    void learnersRefuse() {
        edge.node.becomeLearner();
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> grant(7, 60));
        assertRefused(EtcdError.NOT_FOR_LEARNER, () -> keepAlive(7));
    }

    @Test
    @DisplayName("hundreds of keys on one lease are told and deleted, and nothing else is")
    void manyKeys() {
        grant(7, 60);
        for (int i = 0; i < 1_500; i++) {
            edge.node.propose(
                    new Command.Put(
                            ("k" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                            new byte[0],
                            7,
                            false,
                            false,
                            false),
                    result -> assertThat(result).isInstanceOf(ProposalResult.Done.class));
        }
        put("other", 0);
        List<ByteString> keys = timeToLive(7, true).getKeysList();
        assertThat(keys).hasSize(1_500).doesNotHaveDuplicates();
        revoke(7);
        assertThat(edge.kv
                        .deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(ByteString.copyFrom(new byte[1]))
                                .setRangeEnd(ByteString.copyFrom(new byte[1]))
                                .build())
                        .getDeleted())
                .isEqualTo(1);
        assertThat(edge.node.store().revision()).isEqualTo(1_504);
    }
}
