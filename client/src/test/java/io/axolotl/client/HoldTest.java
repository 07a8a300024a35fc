package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.RangeResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks on leases that end meanwhile. */
@Timeout(60)
final class HoldTest {
    private final FakeEtcd server = FakeEtcd.start(1);
    private final AxolotlClient client =
            AxolotlClient.builder().endpoints(server.endpoint()).build();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    /** Runs something when a lease is lost. */
    private KeptLease.Listener onLoss(Runnable then) {
        return new KeptLease.Listener() {
            @Override
            public void lost(String why) {
                heard.add(why);
                then.run();
            }
        };
    }

    private void locked(StreamObserver<LockResponse> observer) {
        observer.onNext(LockResponse.newBuilder()
                .setHeader(server.header())
                .setKey(ByteString.copyFromUtf8("name/7"))
                .build());
        observer.onCompleted();
    }

    private void serveTheKey() {
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .setCount(1)
                .addKvs(io.axolotl.client.proto.KeyValue.newBuilder()
                        .setKey(request.getKey())
                        .setCreateRevision(5))
                .build());
    }

    @Test
    void aLockIsHeldWithItsToken() {
        serveTheKey();
        server.onLock = (request, observer) -> locked(observer);
        try (Hold hold = client.coordination()
                .hold(Bytes.of("name"), 60, onLoss(() -> {}))
                .await()) {
            assertThat(hold.token()).isEqualTo(5);
            assertThat(hold.left().toSeconds()).isBetween(30L, 60L);
        }
        assertThat(heard).isEmpty();
    }

    @Test
    @DisplayName("a lock whose lease was lost while it was waited for is not held, though its key is there still")
    void aLockOnALostLeaseIsNotHeld() {
        serveTheKey();
        CompletableFuture<Void> lost = new CompletableFuture<>();
        server.onLock = (request, observer) -> {
            var unused = lost.thenRun(() -> locked(observer));
        };
        server.onKeepAlive = FakeEtcd.ok(request -> LeaseKeepAliveResponse.newBuilder()
                .setHeader(server.header())
                .setID(7)
                .build());
        Pending<Hold> hold = client.coordination().hold(Bytes.of("name"), 1, onLoss(() -> lost.complete(null)));
        assertThatThrownBy(hold::await)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("the lease was lost before hold had succeeded");
        assertThat(heard).containsExactly("the servers say that it is gone");
    }

    @Test
    @DisplayName("with the client its leases are lost, and their listeners hear of it")
    void closingTheClientLosesItsLeases() {
        KeptLease lease = client.leases().keep(60, onLoss(() -> {})).await();
        KeptLease closed = client.leases().keep(60, onLoss(() -> {})).await();
        closed.close();
        client.close();
        assertThat(heard).containsExactly("the client is closed");
        assertThat(lease.state()).isEqualTo(KeptLease.State.LOST);
        assertThat(lease.left()).isZero();
        assertThat(closed.state()).isEqualTo(KeptLease.State.CLOSED);
    }
}
