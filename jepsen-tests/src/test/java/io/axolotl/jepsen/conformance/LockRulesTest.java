package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.UnlockRequest;
import io.axolotl.client.proto.UnlockResponse;
import io.axolotl.jepsen.process.Await;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@AskedOfBoth
final class LockRulesTest extends Asked {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private long lease() {
        return server().lease()
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(5_000).build())
                .getID();
    }

    private LockRequest locking(long lease) {
        return LockRequest.newBuilder().setName(key("lock")).setLease(lease).build();
    }

    private ByteString ownershipKey(long lease) {
        return key("lock").concat(ByteString.copyFrom("/" + Long.toHexString(lease), StandardCharsets.UTF_8));
    }

    private ListenableFuture<LockResponse> lockLater(long lease) {
        return LockGrpc.newFutureStub(server().channel()).lock(locking(lease));
    }

    private UnlockResponse unlock(ByteString key) {
        return server().lock().unlock(UnlockRequest.newBuilder().setKey(key).build());
    }

    /** Until the request has its place in the row. */
    private void awaitContender(long lease) {
        Await.fact(
                "a contender's key",
                BOUND,
                () -> get("lock/" + Long.toHexString(lease)).getCount() == 1);
    }

    @Test
    @Contract("LK-1")
    void ownershipKeyIsTheNameAndTheLeaseInHexadecimal() {
        long lease = lease();
        LockResponse locked = server().lock().lock(locking(lease));
        assertThat(locked.getKey()).isEqualTo(ownershipKey(lease));
        assertThat(locked.getHeader().getRevision()).isEqualTo(revision());
        var kv = get("lock/" + Long.toHexString(lease)).getKvs(0);
        assertThat(kv.getLease()).isEqualTo(lease);
        assertThat(kv.getValue()).isEqualTo(ByteString.EMPTY);
        // Asked again by the holder, it is held already.
        assertThat(server().lock().lock(locking(lease)).getKey()).isEqualTo(ownershipKey(lease));
    }

    @Test
    @Contract("LK-2")
    void lockWithoutLeaseGetsOneOfAMinute() {
        LockResponse locked = server().lock().lock(locking(0));
        String key = locked.getKey().toString(StandardCharsets.UTF_8);
        long lease = Long.parseLong(key.substring(key.lastIndexOf('/') + 1), 16);
        assertThat(server().lease()
                        .leaseTimeToLive(
                                LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
                        .getGrantedTTL())
                .isEqualTo(60);
        refused(Status.Code.UNKNOWN, "etcdserver: requested lease not found", () -> {
            var unused = server().lock().lock(locking(0x7fff_0001));
        });
    }

    @Test
    @Contract("LK-3")
    void secondWaitsForTheFirst() throws Exception {
        long one = lease();
        long other = lease();
        ByteString held = server().lock().lock(locking(one)).getKey();
        ListenableFuture<LockResponse> waiting = lockLater(other);
        awaitContender(other);
        assertThat(waiting.isDone()).isFalse();
        assertThat(unlock(held).hasHeader()).isTrue();
        assertThat(waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS).getKey()).isEqualTo(ownershipKey(other));
        assertThat(unlock(key("unknown")).hasHeader()).isTrue();
    }

    @Test
    @Contract("LK-3")
    void whoGoesAwayLeavesTheRow() {
        long one = lease();
        long other = lease();
        server().lock().lock(locking(one));
        ListenableFuture<LockResponse> waiting = lockLater(other);
        awaitContender(other);
        waiting.cancel(true);
        Await.fact(
                "the key of a contender that went away to go",
                BOUND,
                () -> get("lock/" + Long.toHexString(other)).getCount() == 0);
    }

    @Test
    @Contract("LK-3")
    void whoseLeaseEndsWhileWaitingIsToldSo() throws Exception {
        long one = lease();
        long other = lease();
        ByteString held = server().lock().lock(locking(one)).getKey();
        ListenableFuture<LockResponse> waiting = lockLater(other);
        awaitContender(other);
        var unused = server().lease()
                .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(other).build());
        unlock(held);
        if (differing(KnownDifference.WAITER_WITHOUT_KEY, true, false)) {
            assertThat(waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS).getKey())
                    .isEqualTo(ownershipKey(other));
        } else {
            refused(Status.Code.UNKNOWN, "mutex: session is expired", () -> {
                try {
                    waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    throw (StatusRuntimeException) e.getCause();
                }
            });
        }
    }
}
