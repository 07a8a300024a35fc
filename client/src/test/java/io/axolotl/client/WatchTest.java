package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A watch of the client against members that do what the test says. */
@Timeout(60)
final class WatchTest {
    private final FakeEtcd one = FakeEtcd.start(1);
    private final FakeEtcd other = FakeEtcd.start(2);
    private final AxolotlClient client =
            AxolotlClient.builder().endpoints(one.endpoint(), other.endpoint()).build();

    @AfterEach
    void close() {
        client.close();
        one.close();
        other.close();
    }

    private static WatchResponse created(long revision) {
        return WatchResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                .setCreated(true)
                .build();
    }

    private static WatchResponse events(boolean isPiece, long... revisions) {
        WatchResponse.Builder response = WatchResponse.newBuilder().setFragment(isPiece);
        for (long revision : revisions) {
            response.setHeader(ResponseHeader.newBuilder().setRevision(revision));
            response.addEvents(Event.newBuilder()
                    .setKv(io.axolotl.client.proto.KeyValue.newBuilder()
                            .setKey(ByteString.copyFromUtf8("k"))
                            .setModRevision(revision)));
        }
        return response.build();
    }

    /** Serves the first watch so, and fails after; keeps later ones waiting. */
    private void serveOnce(FakeEtcd member, Status end, WatchResponse... responses) {
        member.onWatch = FakeEtcd.inTurn(
                (request, observer) -> {
                    List.of(responses).forEach(observer::onNext);
                    observer.onError(end.asRuntimeException());
                },
                FakeEtcd.never());
    }

    private static List<Long> revisions(WatchResult result) {
        return result.events().stream().map(event -> event.kv().modRevision()).toList();
    }

    private Watch watch(WatchOptions options) {
        return client.watch(KeyRange.single(Bytes.of("k")), options);
    }

    private WatchCreateRequest secondRequest() {
        List<WatchCreateRequest> all = Stream.concat(one.watches.stream(), other.watches.stream())
                .map(request -> request.getCreateRequest())
                .toList();
        assertThat(all).hasSize(2);
        return all.stream()
                .filter(request -> request.getStartRevision() != 0)
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName(
            "WA-15, N16: when its member goes away a watch goes on with another, after the last revision it was told of")
    void aWatchGoesOnElsewhere() throws Exception {
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                long start = request.getCreateRequest().getStartRevision();
                observer.onNext(created(10));
                if (start == 0) {
                    observer.onNext(events(false, 11, 12));
                    observer.onError(Status.UNAVAILABLE.asRuntimeException());
                } else {
                    observer.onNext(events(false, start));
                }
            };
        }
        try (Watch watch = watch(WatchOptions.DEFAULT)) {
            assertThat(revisions(watch.next())).containsExactly(11L, 12L);
            assertThat(revisions(watch.next())).containsExactly(13L);
        }
        assertThat(one.watches).hasSize(1);
        assertThat(other.watches).hasSize(1);
    }

    @Test
    @DisplayName("WA-15: one that was told of nothing goes on at the revision of its creation, not after it")
    void nothingIsMissedBeforeTheFirstEvent() throws Exception {
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                observer.onNext(created(10));
                if (request.getCreateRequest().getStartRevision() == 0) {
                    observer.onError(Status.UNAVAILABLE.asRuntimeException());
                } else {
                    observer.onNext(events(false, 10));
                }
            };
        }
        try (Watch watch = watch(WatchOptions.DEFAULT)) {
            assertThat(revisions(watch.next())).containsExactly(10L);
        }
        assertThat(secondRequest().getStartRevision()).isEqualTo(10);
    }

    @Test
    @DisplayName("WA-9, WA-15: after a bookmark it goes on behind that")
    void aBookmarkCounts() throws Exception {
        WatchResponse bookmark = WatchResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(40))
                .build();
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                observer.onNext(created(10));
                if (request.getCreateRequest().getStartRevision() == 0) {
                    observer.onNext(bookmark);
                    observer.onError(Status.UNAVAILABLE.asRuntimeException());
                } else {
                    observer.onNext(events(false, 50));
                }
            };
        }
        try (Watch watch = watch(WatchOptions.DEFAULT)) {
            assertThat(watch.next().isProgress()).isTrue();
            assertThat(revisions(watch.next())).containsExactly(50L);
        }
        assertThat(secondRequest().getStartRevision()).isEqualTo(41);
    }

    @Test
    @DisplayName("WA-10: the pieces of a message become one again")
    void piecesAreJoined() throws Exception {
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                observer.onNext(created(10));
                observer.onNext(events(true, 11, 11));
                observer.onNext(events(true, 11));
                observer.onNext(events(false, 11));
            };
        }
        try (Watch watch = watch(WatchOptions.DEFAULT)) {
            assertThat(revisions(watch.next())).containsExactly(11L, 11L, 11L, 11L);
        }
    }

    @Test
    @DisplayName(
            "WA-4: the end of a watch whose history is gone is told, with the revision to start from; nothing follows")
    void aCompactedWatchEnds() throws Exception {
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                observer.onNext(created(10));
                observer.onNext(WatchResponse.newBuilder()
                        .setCanceled(true)
                        .setCompactRevision(7)
                        .build());
            };
        }
        try (Watch watch = watch(WatchOptions.DEFAULT.from(3))) {
            WatchResult end = watch.next();
            assertThat(end.isCanceled()).isTrue();
            assertThat(end.compactRevision()).isEqualTo(7);
            assertThatThrownBy(watch::next).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    @DisplayName("C.3: a refusal other than Unavailable and Internal is final")
    void aRefusalIsFinal() {
        for (FakeEtcd member : List.of(one, other)) {
            serveOnce(member, Status.FAILED_PRECONDITION.withDescription("etcdserver: rpc not supported for learner"));
        }
        try (Watch watch = watch(WatchOptions.DEFAULT)) {
            assertThatThrownBy(watch::next)
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("etcdserver: rpc not supported for learner");
        }
    }

    @Test
    @DisplayName("a watch that no member serves says so, once each was asked")
    void nobodyServes() {
        serveOnce(one, Status.UNAVAILABLE);
        serveOnce(other, Status.UNAVAILABLE);
        try (Watch watch = watch(WatchOptions.DEFAULT)) {
            assertThatThrownBy(watch::next).isInstanceOf(ClusterUnreachableException.class);
        }
        assertThat(one.watches).hasSize(1);
        assertThat(other.watches).hasSize(1);
    }

    @Test
    @DisplayName("who waits for the next message is told when the watch is closed")
    void closingEndsTheWait() {
        Watch watch = watch(WatchOptions.DEFAULT);
        watch.close();

        assertThatThrownBy(watch::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(watch::next).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName(
            "one that nobody reads takes no more in however often its calls break, and misses nothing when it is read")
    void whatWaitsIsBoundedAcrossReconnects() throws Exception {
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                long start = Math.max(11, request.getCreateRequest().getStartRevision());
                observer.onNext(created(10));
                for (long revision = start; revision < start + 8; revision++) {
                    observer.onNext(events(false, revision));
                }
                observer.onError(Status.UNAVAILABLE.asRuntimeException());
            };
        }
        try (Watch unread = watch(WatchOptions.DEFAULT);
                Watch read = client.watch(KeyRange.single(Bytes.of("read")), WatchOptions.DEFAULT)) {
            // Eight calls, one after the other: as many as the other could have made meanwhile.
            for (long revision = 11; revision < 11 + 64; revision++) {
                assertThat(revisions(read.next())).containsExactly(revision);
            }
            assertThat(Stream.concat(one.watches.stream(), other.watches.stream())
                            .filter(request ->
                                    request.getCreateRequest().getKey().equals(ByteString.copyFromUtf8("k"))))
                    .as("the first, and one that waits to be read")
                    .hasSizeLessThanOrEqualTo(2);
            for (long revision = 11; revision < 11 + 64; revision++) {
                assertThat(revisions(unread.next())).containsExactly(revision);
            }
        }
    }

    @Test
    @DisplayName("WA-6: a bookmark of a member that lags does not lead back: nothing comes twice")
    void aBookmarkLeadsNeverBack() throws Exception {
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                long start = request.getCreateRequest().getStartRevision();
                observer.onNext(created(10));
                if (start == 6) {
                    // Twice the same: the second after the loss.
                    observer.onNext(WatchResponse.newBuilder()
                            .setHeader(ResponseHeader.newBuilder().setRevision(3))
                            .build());
                    if (one.watches.size() + other.watches.size() < 2) {
                        observer.onError(Status.UNAVAILABLE.asRuntimeException());
                    }
                }
            };
        }
        try (Watch watch = watch(WatchOptions.DEFAULT.from(6))) {
            assertThat(watch.next().events()).isEmpty();
            assertThat(watch.next().events()).isEmpty();
        }
        assertThat(Stream.concat(one.watches.stream(), other.watches.stream())
                        .map(request -> request.getCreateRequest().getStartRevision()))
                .containsExactly(6L, 6L);
    }

    @Test
    @DisplayName(
            "N20: a watch leaves a member that does not answer with the reads, long before the connection is given up")
    void aWatchLeavesAMemberThatIsGivenUp() throws Exception {
        ClientOptions options = client.options();
        NettyTransport transport = new NettyTransport(
                "test",
                1,
                new NettyTransport.Settings(
                        options.connectTimeout(),
                        options.keepAliveTime(),
                        options.keepAliveTimeout(),
                        options.authority(),
                        true));
        Connections connections = new Connections(options.endpoints(), transport);
        for (FakeEtcd member : List.of(one, other)) {
            member.onWatch = (request, observer) -> {
                long start = request.getCreateRequest().getStartRevision();
                observer.onNext(created(10));
                observer.onNext(events(false, start == 0 ? 11 : start));
            };
        }
        try (Watch watch = new Watch(connections, transport, KeyRange.single(Bytes.of("k")), WatchOptions.DEFAULT)) {
            assertThat(revisions(watch.next())).containsExactly(11L);
            connections.configured().get(0).abandonAll();
            assertThat(revisions(watch.next())).containsExactly(12L);
            assertThat(one.watches).hasSize(1);
            assertThat(other.watches).hasSize(1);
        } finally {
            connections.close();
            transport.close();
        }
    }
}
