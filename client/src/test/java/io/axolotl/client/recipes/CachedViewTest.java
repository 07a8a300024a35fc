package io.axolotl.client.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cached view whose server lags, falls silent, forgets, or is old: what the view then says of itself. */
@Timeout(60)
@DisplayName("a cached view is never silently stale")
final class CachedViewTest {
    private static final CachedViewOptions OPTIONS =
            CachedViewOptions.DEFAULT.withProofInterval(Duration.ofMillis(5)).withMaxAge(Duration.ofMillis(150));

    private final FakeEtcd server = FakeEtcd.start(1);
    private final AxolotlClient client =
            AxolotlClient.builder().endpoints(server.endpoint()).build();

    /** How far the watch of the fake member is. */
    private volatile long told = 7;

    private volatile boolean isSilent;
    private volatile @Nullable StreamObserver<WatchResponse> watch;

    CachedViewTest() {
        server.onWatch = this::serve;
        server.onRange = FakeEtcd.ok(request -> page());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private RangeResponse page() {
        return RangeResponse.newBuilder()
                .setHeader(server.header())
                .addKvs(io.axolotl.client.proto.KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a/k"))
                        .setValue(ByteString.copyFromUtf8("v"))
                        .setModRevision(5))
                .setCount(1)
                .build();
    }

    private void serve(WatchRequest request, StreamObserver<WatchResponse> observer) {
        if (request.hasCreateRequest()) {
            tell(
                    observer,
                    WatchResponse.newBuilder()
                            .setHeader(server.header())
                            .setCreated(true)
                            .build());
            // Only now: what a test sends on it must come after "created".
            watch = observer;
        } else if (request.hasProgressRequest() && !isSilent) {
            tell(
                    observer,
                    WatchResponse.newBuilder()
                            .setHeader(ResponseHeader.newBuilder().setRevision(told))
                            .setWatchId(-1)
                            .build());
        }
    }

    /** The test's thread and the server's write on one stream, which takes one writer at a time. */
    private synchronized void tell(StreamObserver<WatchResponse> observer, WatchResponse response) {
        observer.onNext(response);
    }

    private CachedView open() {
        return CachedView.open(client, Bytes.of("a/"), OPTIONS).await();
    }

    private static void awaitBehind(CachedView view) {
        while (!view.freshness().isBehind()) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> view.get(Bytes.of("a/k"))).isInstanceOf(ViewBehindException.class);
        assertThat(view.snapshot().entries())
                .as("what it has it still tells, with its age")
                .hasSize(1);
    }

    private static void awaitFresh(CachedView view) {
        boolean isFresh = false;
        while (!isFresh) {
            try {
                assertThat(view.get(Bytes.of("a/k"))).isPresent();
                isFresh = true;
            } catch (ViewBehindException e) {
                assertThat(view.freshness().age()).isPositive();
            }
        }
    }

    @Test
    @DisplayName("a member that is cut off and says that its watch is as far as it knows proves nothing")
    void progressOfALaggardIsNoProof() {
        try (CachedView view = open()) {
            awaitFresh(view);
            server.revision = 9;
            awaitBehind(view);
            assertThat(view.freshness().revision()).isEqualTo(7);
            told = 9;
            awaitFresh(view);
            assertThat(view.freshness().revision()).isEqualTo(9);
        }
    }

    @Test
    void aWatchThatFallsSilentIsNoticed() {
        try (CachedView view = open()) {
            awaitFresh(view);
            isSilent = true;
            server.revision = 8;
            told = 8;
            awaitBehind(view);
            isSilent = false;
            awaitFresh(view);
        }
    }

    @Test
    void aClusterThatIsGoneIsNoticedAndNamed() {
        try (CachedView view = open()) {
            server.onRange = FakeEtcd.fail(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
            awaitBehind(view);
            while (!view.freshness().trouble().equals(Optional.of("etcdserver: permission denied"))) {
                Thread.onSpinWait();
            }
            server.onRange = FakeEtcd.ok(request -> page());
            awaitFresh(view);
            while (view.freshness().trouble().isPresent()) {
                Thread.onSpinWait();
            }
        }
    }

    private List<Long> begins() {
        return server.watches.stream()
                .filter(WatchRequest::hasCreateRequest)
                .map(request -> request.getCreateRequest().getStartRevision())
                .toList();
    }

    @Test
    @DisplayName("WA-4: when history is gone the view loads everything anew, and goes on from there")
    void aGapIsFilledByLoadingAnew() {
        try (CachedView view = open()) {
            StreamObserver<WatchResponse> first = watch;
            while (first == null) {
                first = watch;
            }
            server.revision = 20;
            told = 20;
            tell(
                    first,
                    WatchResponse.newBuilder()
                            .setHeader(server.header())
                            .setCanceled(true)
                            .setCompactRevision(15)
                            .build());
            view.atLeast(20).await();
            awaitFresh(view);
            // What was loaded is there before the next watch has come to the server.
            while (begins().size() < 2) {
                Thread.onSpinWait();
            }
            assertThat(begins()).containsExactly(8L, 21L);
        }
    }

    @Test
    @DisplayName("etcd before 3.5.8 may tell progress ahead of events: it is not asked for, keys are looked at instead")
    void anOldServersProgressIsNotTrusted() {
        AtomicBoolean isChanged = new AtomicBoolean();
        server.onStatus = FakeEtcd.ok(request ->
                StatusResponse.newBuilder(server.status()).setVersion("3.4.23").build());
        server.onRange = FakeEtcd.ok(request -> {
            boolean asksForChanges = request.getMinModRevision() != 0;
            return asksForChanges && !isChanged.get()
                    ? page().toBuilder().clearKvs().build()
                    : page();
        });
        told = 1_000;
        try (CachedView view = open()) {
            server.revision = 9;
            assertThat(view.atLeast(9).await().revision()).isEqualTo(9);
            isChanged.set(true);
            server.revision = 11;
            awaitBehind(view);
            assertThat(view.freshness().revision()).isEqualTo(9);
            assertThat(server.watches).noneMatch(WatchRequest::hasProgressRequest);
        }
    }

    @Test
    void versionsWithTrueProgressAreTold() {
        assertThat(ViewFeed.hasTrueProgress("3.6.14")).isTrue();
        assertThat(ViewFeed.hasTrueProgress("3.5.8")).isTrue();
        assertThat(ViewFeed.hasTrueProgress("3.7.0-alpha.0")).isTrue();
        assertThat(ViewFeed.hasTrueProgress("4.0.0")).isTrue();
        assertThat(ViewFeed.hasTrueProgress("3.5.7")).isFalse();
        assertThat(ViewFeed.hasTrueProgress("3.4.23")).isFalse();
        assertThat(ViewFeed.hasTrueProgress("3.5.x")).isFalse();
        assertThat(ViewFeed.hasTrueProgress("")).isFalse();
    }
}
