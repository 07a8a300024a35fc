package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.UnlockRequest;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.13, locks, over gRPC. */
class LockServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Executor SAME_THREAD = Runnable::run;

    private final Edge edge = new Edge();
    private final LockGrpc.LockFutureStub lock =
            LockGrpc.newFutureStub(edge.channel).withDeadlineAfter(30, TimeUnit.SECONDS);

    @AfterEach
    void close() {
        edge.close();
    }

    private void grant(long... leases) {
        for (long lease : leases) {
            var unused = edge.lease.leaseGrant(
                    LeaseGrantRequest.newBuilder().setID(lease).setTTL(60).build());
        }
    }

    private ListenableFuture<LockResponse> lock(long lease) {
        return lock.lock(
                LockRequest.newBuilder().setName(bytes("name")).setLease(lease).build());
    }

    /** Asks for the lock, and returns when the key of the call is there. */
    private ListenableFuture<LockResponse> enter(long lease) {
        ListenableFuture<LockResponse> call = lock(lease);
        await().atMost(PATIENCE).until(() -> keys().contains("name/" + Long.toHexString(lease)));
        return call;
    }

    private void unlock(String key) {
        assertThat(get(lock.unlock(UnlockRequest.newBuilder().setKey(bytes(key)).build()))
                        .getHeader()
                        .getRevision())
                .isPositive();
    }

    private List<String> keys() {
        return edge.kv.range(Edge.range("name/", "name0").build()).getKvsList().stream()
                .map(kv -> kv.getKey().toStringUtf8())
                .toList();
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

    @Test
    @DisplayName(
            "LK-1, LK-3: the key is the name and the lease in hexadecimal, empty and on the lease; its create revision is told")
    void lockLeavesAKey() {
        grant(0x1f);
        LockResponse held = get(lock(0x1f));
        assertThat(held.getKey()).isEqualTo(bytes("name/1f"));
        KeyValue key = edge.kv.range(Edge.range("name/1f").build()).getKvs(0);
        assertThat(key.getLease()).isEqualTo(0x1f);
        assertThat(key.getValue()).isEqualTo(ByteString.EMPTY);
        assertThat(held.getHeader().getRevision()).isEqualTo(key.getCreateRevision());
        assertThat(held.getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
    }

    @Test
    @DisplayName("LK-1: a negative lease has a minus before it, as Go writes it")
    void negativeLeases() {
        grant(-0x1f);
        assertThat(get(lock(-0x1f)).getKey()).isEqualTo(bytes("name/-1f"));
    }

    @Test
    @DisplayName("LK-3: who holds it already holds it again, with the same key")
    void lockedAgainByItsHolder() {
        grant(1);
        assertThat(get(lock(1)).getKey()).isEqualTo(get(lock(1)).getKey());
        assertThat(keys()).containsExactly("name/1");
    }

    @Test
    @DisplayName("LK-2: without a lease there is one of 60 s; a lease that is not there is Unknown with the plain text")
    void leaseOfTheService() {
        String key = get(lock(0)).getKey().toStringUtf8();
        long lease = Long.parseLong(key.substring("name/".length()), 16);
        assertThat(edge.lease
                        .leaseTimeToLive(
                                LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
                        .getGrantedTTL())
                .isEqualTo(60);
        assertRefused(Status.Code.UNKNOWN, "etcdserver: requested lease not found", () -> get(lock(99)));
    }

    @Test
    @DisplayName("LK-1, LK-3: who waits is served in the order of coming, each by the end of the key before its own")
    void waitersAreServedInOrder() {
        grant(1, 2, 3);
        get(lock(1));
        ListenableFuture<LockResponse> second = enter(2);
        ListenableFuture<LockResponse> third = enter(3);
        unlock("name/1");
        assertThat(get(second).getKey()).isEqualTo(bytes("name/2"));
        assertThat(third.isDone()).isFalse();
        unlock("name/2");
        assertThat(get(third).getKey()).isEqualTo(bytes("name/3"));
    }

    @Test
    @DisplayName("LK-1: whoever leaves from the middle lets nobody pass who is not first")
    void leavingFromTheMiddleLetsNobodyPass() {
        grant(1, 2, 3);
        get(lock(1));
        ListenableFuture<LockResponse> second = enter(2);
        ListenableFuture<LockResponse> third = enter(3);
        second.cancel(true);
        await().atMost(PATIENCE).until(() -> keys().equals(List.of("name/1", "name/3")));
        assertThat(third.isDone()).isFalse();
        unlock("name/1");
        assertThat(get(third).getKey()).isEqualTo(bytes("name/3"));
    }

    @Test
    @DisplayName("LK-3: a call that is cancelled, or whose client is gone, takes its key with it")
    void cancelledCallsLeave() {
        grant(1, 2);
        get(lock(1));
        Context.CancellableContext client = Context.current().withCancellation();
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        client.run(() -> {
            ListenableFuture<LockResponse> waiting = lock(2);
            waiting.addListener(() -> end.complete(new AssertionError("over")), SAME_THREAD);
        });
        await().atMost(PATIENCE).until(() -> keys().size() == 2);
        client.cancel(null);
        await().atMost(PATIENCE).until(() -> keys().equals(List.of("name/1")));
        assertThat(end).succeedsWithin(PATIENCE);
    }

    @Test
    @DisplayName("LK-3: whose lease is gone when its turn comes does not hold the lock, and is told so")
    void expiredWaitersAreTold() {
        grant(1, 2);
        get(lock(1));
        ListenableFuture<LockResponse> second = enter(2);
        var unused =
                edge.lease.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(2).build());
        unlock("name/1");
        assertRefused(Status.Code.UNKNOWN, "mutex: session is expired", () -> get(second));
    }

    @Test
    @DisplayName("LE-6, LK-3: a holder whose lease runs out lets the next one in")
    void expiryOfTheHolderUnlocks() {
        grant(1);
        get(lock(1));
        grant(2);
        ListenableFuture<LockResponse> second = enter(2);
        edge.node.pass(Duration.ofSeconds(30));
        var unused = edge.lease.leaseTimeToLive(
                LeaseTimeToLiveRequest.newBuilder().setID(2).build());
        assertThat(second.isDone()).isFalse();
        edge.node.leases.ask(
                new LeaseQuestion(2, true), answer -> assertThat(answer).isInstanceOf(LeaseAnswer.Alive.class));
        edge.node.pass(Duration.ofSeconds(32));
        assertThat(get(second).getKey()).isEqualTo(bytes("name/2"));
    }

    @Test
    @DisplayName("LK-3: to unlock what is not locked is a success")
    void unlockOfNothing() {
        unlock("name/77");
    }

    @Test
    @DisplayName("LK-1: the history before a waiter's turn may be compacted meanwhile")
    void compactionDoesNotLoseWaiters() {
        grant(1, 2);
        get(lock(1));
        ListenableFuture<LockResponse> second = enter(2);
        for (int i = 0; i < 20; i++) {
            edge.kv.put(Edge.put("other", "v" + i));
        }
        var unused = edge.kv.compact(CompactionRequest.newBuilder()
                .setRevision(edge.node.store().revision())
                .build());
        edge.node.removeHistory();
        unlock("name/1");
        assertThat(get(second).getKey()).isEqualTo(bytes("name/2"));
    }

    @Test
    @DisplayName("B.13: of many that ask at once exactly one holds it at a time, and all get it")
    void manyTakeTurns() {
        List<ListenableFuture<LockResponse>> calls = new ArrayList<>();
        for (long lease = 1; lease <= 30; lease++) {
            grant(lease);
            calls.add(lock(lease));
        }
        List<ByteString> winners = new ArrayList<>();
        while (winners.size() < 30) {
            await().atMost(PATIENCE).until(() -> calls.stream().anyMatch(ListenableFuture::isDone));
            List<ListenableFuture<LockResponse>> waiting =
                    calls.stream().filter(call -> !call.isDone()).toList();
            assertThat(waiting).hasSize(calls.size() - 1);
            ListenableFuture<LockResponse> done =
                    calls.stream().filter(ListenableFuture::isDone).findFirst().orElseThrow();
            ByteString key = get(done).getKey();
            calls.clear();
            calls.addAll(waiting);
            winners.add(key);
            unlock(key.toStringUtf8());
        }
        assertThat(winners).doesNotHaveDuplicates();
        assertThat(keys()).isEmpty();
    }
}
