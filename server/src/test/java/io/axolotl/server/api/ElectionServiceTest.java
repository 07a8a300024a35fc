package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.axolotl.client.proto.CampaignRequest;
import io.axolotl.client.proto.CampaignResponse;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.LeaderKey;
import io.axolotl.client.proto.LeaderRequest;
import io.axolotl.client.proto.LeaderResponse;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.ProclaimRequest;
import io.axolotl.client.proto.ResignRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.13, elections, over gRPC. */
class ElectionServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Edge edge = new Edge();
    private final ElectionGrpc.ElectionFutureStub later =
            ElectionGrpc.newFutureStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    private final ElectionGrpc.ElectionBlockingStub election =
            ElectionGrpc.newBlockingStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);

    @AfterEach
    void close() {
        edge.close();
    }

    private void grant(long lease) {
        var unused = edge.lease.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(lease).setTTL(60).build());
    }

    private static CampaignRequest campaigning(long lease, String value) {
        return CampaignRequest.newBuilder()
                .setName(bytes("name"))
                .setLease(lease)
                .setValue(bytes(value))
                .build();
    }

    private CampaignResponse campaign(long lease, String value) {
        return election.campaign(campaigning(lease, value));
    }

    private ListenableFuture<CampaignResponse> enter(long lease, String value) {
        ListenableFuture<CampaignResponse> call = later.campaign(campaigning(lease, value));
        awaitCandidates(lease);
        return call;
    }

    private void awaitCandidates(long lease) {
        await().atMost(PATIENCE)
                .until(() -> edge.kv
                                .range(Edge.range("name/" + Long.toHexString(lease))
                                        .build())
                                .getCount()
                        == 1);
    }

    private static LeaderRequest asking() {
        return LeaderRequest.newBuilder().setName(bytes("name")).build();
    }

    private String leader() {
        return election.leader(asking()).getKv().getValue().toStringUtf8();
    }

    private void proclaim(LeaderKey leader, String value) {
        var unused = election.proclaim(ProclaimRequest.newBuilder()
                .setLeader(leader)
                .setValue(bytes(value))
                .build());
    }

    private void resign(LeaderKey leader) {
        assertThat(election.resign(ResignRequest.newBuilder().setLeader(leader).build())
                        .getHeader()
                        .getRevision())
                .isPositive();
    }

    private static <T> T get(ListenableFuture<T> call) {
        try {
            return call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (StatusRuntimeException) e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no answer: " + e, e);
        }
    }

    /** What an Observe stream says, until it is cancelled. */
    private final class Observed {
        private final BlockingQueue<LeaderResponse> answers = new LinkedBlockingQueue<>();
        private final BlockingQueue<Throwable> ends = new LinkedBlockingQueue<>();
        private final Context.CancellableContext client = Context.current().withCancellation();

        Observed() {
            client.run(() -> ElectionGrpc.newStub(edge.channel).observe(asking(), new StreamObserver<>() {
                @Override
                public void onNext(LeaderResponse answer) {
                    answers.add(answer);
                }

                @Override
                public void onError(Throwable cause) {
                    ends.add(cause);
                }

                @Override
                public void onCompleted() {
                    ends.add(new AssertionError("completed"));
                }
            }));
        }

        LeaderResponse next() throws InterruptedException {
            LeaderResponse answer = answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(answer).isNotNull();
            return answer;
        }

        String nextValue() throws InterruptedException {
            return next().getKv().getValue().toStringUtf8();
        }
    }

    @Test
    @DisplayName("LK-1, LK-4: who is elected knows its key, its create revision and its lease")
    void electedKnowsItsKey() {
        grant(0x1f);
        LeaderKey elected = campaign(0x1f, "me").getLeader();
        assertThat(elected.getName()).isEqualTo(bytes("name"));
        assertThat(elected.getKey()).isEqualTo(bytes("name/1f"));
        assertThat(elected.getLease()).isEqualTo(0x1f);
        LeaderResponse leader = election.leader(asking());
        assertThat(leader.getKv().getCreateRevision()).isEqualTo(elected.getRev());
        assertThat(leader.getKv().getLease()).isEqualTo(0x1f);
        assertThat(leader.getKv().getValue()).isEqualTo(bytes("me"));
        assertThat(leader.getHeader().getRevision()).isEqualTo(edge.node.store().revision());
    }

    @Test
    @DisplayName("LK-4: campaigning again with another value proclaims it, and with the same one changes nothing")
    void campaigningAgainProclaims() {
        grant(1);
        LeaderKey first = campaign(1, "one").getLeader();
        assertThat(campaign(1, "two").getLeader()).isEqualTo(first);
        assertThat(leader()).isEqualTo("two");
        long revision = edge.node.store().revision();
        assertThat(campaign(1, "two").getLeader()).isEqualTo(first);
        assertThat(edge.node.store().revision()).isEqualTo(revision);
    }

    @Test
    @DisplayName(
            "LK-4: the next one is elected when the leader resigns; who has resigned proclaims nothing, and may resign again")
    void nextIsElectedOnResignation() {
        grant(1);
        grant(2);
        LeaderKey first = campaign(1, "one").getLeader();
        ListenableFuture<CampaignResponse> second = enter(2, "two");
        assertThat(leader()).isEqualTo("one");
        assertThat(second.isDone()).isFalse();
        resign(first);
        assertThat(get(second).getLeader().getLease()).isEqualTo(2);
        assertThat(leader()).isEqualTo("two");
        assertRefused(Status.Code.UNKNOWN, "election: not leader", () -> proclaim(first, "three"));
        resign(first);
        assertThat(leader()).isEqualTo("two");
    }

    @Test
    @DisplayName("LK-4: without a leader there is none")
    void noLeader() {
        assertRefused(Status.Code.UNKNOWN, "election: no leader", this::leader);
    }

    @Test
    @DisplayName("LK-2, LK-4: what is missing is told as Unknown with the plain text")
    void missingFields() {
        String missing = "\"leader\" field must be provided";
        assertRefused(Status.Code.UNKNOWN, missing, () -> election.proclaim(ProclaimRequest.getDefaultInstance()));
        assertRefused(Status.Code.UNKNOWN, missing, () -> election.resign(ResignRequest.getDefaultInstance()));
        assertRefused(Status.Code.UNKNOWN, "etcdserver: requested lease not found", () -> campaign(99, "x"));
    }

    @Test
    @DisplayName("LK-3, LK-4: a candidate that goes away takes its key with it")
    void cancelledCandidatesLeave() {
        grant(1);
        grant(2);
        var unused = campaign(1, "one");
        ListenableFuture<CampaignResponse> second = enter(2, "two");
        second.cancel(true);
        await().atMost(PATIENCE)
                .until(() -> edge.kv.range(Edge.range("name/2").build()).getCount() == 0);
        assertThat(leader()).isEqualTo("one");
    }

    @Test
    @DisplayName("LK-4: a candidate whose lease is gone when its turn comes is not elected")
    void expiredCandidatesAreNotElected() {
        grant(1);
        grant(2);
        LeaderKey first = campaign(1, "one").getLeader();
        ListenableFuture<CampaignResponse> second = enter(2, "two");
        var unused =
                edge.lease.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(2).build());
        resign(first);
        assertRefused(Status.Code.UNKNOWN, "election: session is expired", () -> get(second));
    }

    @Test
    @DisplayName("LK-4: an observer sees the leader, every value that it proclaims, and who comes next")
    void observersSeeEveryChange() throws Exception {
        grant(1);
        grant(2);
        LeaderKey first = campaign(1, "one").getLeader();
        Observed observed = new Observed();
        LeaderResponse seen = observed.next();
        assertThat(seen.getKv().getKey()).isEqualTo(bytes("name/1"));
        for (int i = 0; i < 5; i++) {
            proclaim(first, "one-" + i);
        }
        for (int i = 0; i < 5; i++) {
            LeaderResponse proclaimed = observed.next();
            assertThat(proclaimed.getKv().getValue()).isEqualTo(bytes("one-" + i));
            assertThat(proclaimed.getHeader().getRevision())
                    .isEqualTo(proclaimed.getKv().getModRevision());
        }
        ListenableFuture<CampaignResponse> second = enter(2, "two");
        resign(first);
        assertThat(get(second).getLeader().getLease()).isEqualTo(2);
        assertThat(observed.nextValue()).isEqualTo("two");
        assertThat(observed.answers).isEmpty();
        assertThat(observed.ends).isEmpty();
        observed.client.cancel(null);
        assertThat(observed.ends.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    @DisplayName("LK-4: an observer that comes before anybody leads hears of the first one, and of the one after a gap")
    void observersWaitForTheFirst() throws Exception {
        grant(1);
        grant(2);
        Observed observed = new Observed();
        LeaderKey first = campaign(1, "one").getLeader();
        assertThat(observed.nextValue()).isEqualTo("one");
        resign(first);
        LeaderKey second = campaign(2, "two").getLeader();
        assertThat(observed.nextValue()).isEqualTo("two");
        proclaim(second, "three");
        assertThat(observed.nextValue()).isEqualTo("three");
        observed.client.cancel(null);
    }
}
