package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.WatchCancelRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchProgressRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Watches over a real connection. */
class WatchServiceTest {
    private static final long PATIENCE_SECONDS = 30;

    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    /** A client's end of a stream. */
    private static final class Client implements ClientResponseObserver<WatchRequest, WatchResponse> {
        final BlockingQueue<WatchResponse> received = new LinkedBlockingQueue<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        private final boolean isManual;
        final ClientCallStreamObserver<WatchRequest> requests;

        Client(WatchGrpc.WatchStub stub, boolean isManual) {
            this.isManual = isManual;
            this.requests = (ClientCallStreamObserver<WatchRequest>) stub.watch(this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
            if (isManual) {
                stream.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(WatchResponse response) {
            received.add(response);
        }

        @Override
        public void onError(Throwable broken) {
            end.complete(Status.fromThrowable(broken));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void create(WatchCreateRequest.Builder request) {
            requests.onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
        }

        WatchResponse next() throws InterruptedException {
            WatchResponse response = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(response).as("nothing came; end: %s", end).isNotNull();
            return response;
        }

        WatchResponse created(WatchCreateRequest.Builder request) throws InterruptedException {
            create(request);
            WatchResponse response = next();
            assertThat(response.getCreated()).isTrue();
            return response;
        }

        /** Events until there are so many. */
        List<Event> events(int count) throws InterruptedException {
            List<Event> events = new ArrayList<>();
            while (events.size() < count) {
                events.addAll(next().getEventsList());
            }
            return events;
        }

        Status end() throws Exception {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Client client() {
        return new Client(edge.watch, false);
    }

    private static WatchCreateRequest.Builder key(String key) {
        return WatchCreateRequest.newBuilder().setKey(bytes(key));
    }

    private static WatchCreateRequest.Builder everything() {
        return WatchCreateRequest.newBuilder().setRangeEnd(ByteString.copyFrom(new byte[1]));
    }

    @Test
    @DisplayName("WA-1, WA-5, WA-6, WA-9, HD-1: a life of a watcher on the wire")
    void aWatcherIsCreatedToldAndCancelled() throws Exception {
        Client client = client();
        WatchResponse created = client.created(key("k"));
        assertThat(created.getHeader())
                .isEqualTo(ResponseHeader.newBuilder()
                        .setClusterId(FakeNode.CLUSTER_ID)
                        .setMemberId(FakeNode.SELF.value())
                        .setRaftTerm(FakeNode.TERM)
                        .setRevision(1)
                        .build());

        edge.kv.put(put("k", "v"));
        WatchResponse told = client.next();
        assertThat(told.getEventsList()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo(Event.EventType.PUT);
            assertThat(event.getKv().getValue()).isEqualTo(bytes("v"));
            assertThat(event.getKv().getModRevision()).isEqualTo(2);
        });

        client.requests.onNext(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
        assertThat(client.next().getWatchId()).isEqualTo(-1);

        client.requests.onNext(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(0))
                .build());
        assertThat(client.next().getCanceled()).isTrue();
        client.requests.cancel("done", null);
    }

    @Test
    @DisplayName("WA-13: a client that has no more to ask goes on hearing")
    void aHalfClosedStreamGoesOn() throws Exception {
        Client client = client();
        client.created(key("k"));
        client.requests.onCompleted();
        edge.kv.put(put("k", "v"));

        assertThat(client.events(1)).hasSize(1);
        assertThat(client.end).isNotDone();
        client.requests.cancel("done", null);
    }

    @Test
    @DisplayName("GU-1, A10: a transaction of 100 puts is one message")
    void aTransactionIsOneMessage() throws Exception {
        Client client = client();
        client.created(everything());
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < 100; i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(put("k" + i, "v")));
        }
        assertThat(edge.kv.txn(txn.build()).getSucceeded()).isTrue();

        assertThat(client.next().getEventsList()).hasSize(100);
        client.requests.cancel("done", null);
    }

    @Test
    @DisplayName(
            "A5 (grpc-java#7584): a client that does not read costs little memory, holds nobody up, and misses nothing")
    void aClientThatDoesNotReadIsWaitedFor() throws Exception {
        Client slow = new Client(edge.watch, true);
        slow.create(everything());
        slow.requests.request(1);
        assertThat(slow.next().getCreated()).isTrue();
        Client fast = client();
        fast.created(everything());

        String value = "x".repeat(10_000);
        int count = 2_000;
        long mostUnsent = 0;
        for (int i = 0; i < count; i++) {
            edge.kv.put(put("k" + i % 10, value));
            mostUnsent = Math.max(mostUnsent, gauge("axolotl_watch_unsent_bytes"));
        }
        assertThat(fast.events(count)).hasSize(count);
        assertThat(slow.received).isEmpty();
        assertThat(mostUnsent).as("of 20 MB").isLessThan(1 << 20);

        slow.requests.request(Integer.MAX_VALUE);
        List<Event> late = slow.events(count);
        for (int i = 0; i < count; i++) {
            assertThat(late.get(i).getKv().getModRevision()).isEqualTo(2L + i);
        }
        slow.requests.cancel("done", null);
        fast.requests.cancel("done", null);
    }

    @Test
    @DisplayName("10,000 watchers on 100 streams and one thread: each hears of its key, and of nothing else")
    void tenThousandWatchersShareOneThread() throws Exception {
        int streams = 100;
        int each = 100;
        List<Client> clients = new ArrayList<>();
        for (int s = 0; s < streams; s++) {
            Client client = client();
            clients.add(client);
            for (int w = 0; w < each; w++) {
                client.create(key("key-" + s + "-" + w));
            }
        }
        for (Client client : clients) {
            for (int w = 0; w < each; w++) {
                assertThat(client.next().getWatchId()).isEqualTo(w);
            }
        }
        assertThat(gauge("etcd_debugging_mvcc_watcher_total")).isEqualTo(10_000);
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("watch"))
                .hasSize(1);

        for (int s = 0; s < streams; s++) {
            for (int w = 0; w < each; w += 10) {
                edge.kv.put(put("key-" + s + "-" + w, "v"));
            }
        }
        for (int s = 0; s < streams; s++) {
            Client client = clients.get(s);
            for (int w = 0; w < each; w += 10) {
                WatchResponse told = client.next();
                assertThat(told.getWatchId()).isEqualTo(w);
                assertThat(told.getEventsList())
                        .singleElement()
                        .extracting(event -> event.getKv().getKey().toStringUtf8())
                        .isEqualTo("key-" + s + "-" + w);
            }
            assertThat(client.received).isEmpty();
            client.requests.cancel("done", null);
        }
    }

    @Test
    @DisplayName("A9: a store that is replaced again and again is no trouble to a watch")
    void theStoreMayBeReplaced() throws Exception {
        Client client = client();
        client.created(key("k"));
        edge.node.replaceStoreAtEveryLook();
        for (int i = 0; i < 20; i++) {
            edge.kv.put(put("k", "v" + i));
        }

        assertThat(client.events(20)).hasSize(20);
        client.requests.cancel("done", null);
    }

    @Test
    @DisplayName("WA-9 a: --watch-progress-notify-interval: a quiet watcher is told how far it is")
    void bookmarksComeByThemselves() throws Exception {
        Client client = client();
        client.created(key("k").setProgressNotify(true));
        edge.kv.put(put("other", "v"));
        WatchResponse bookmark = client.next();
        while (bookmark.getHeader().getRevision() < 2) {
            bookmark = client.next();
        }

        assertThat(bookmark.getWatchId()).isZero();
        assertThat(bookmark.getEventsList()).isEmpty();
        client.requests.cancel("done", null);
    }

    @Test
    @DisplayName("WA-13, C.2: with hasleader a stream ends when there is no leader for three election timeouts")
    void aStreamMayRequireALeader() throws Exception {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        Client client =
                new Client(edge.watch.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)), false);
        client.created(key("k"));
        edge.node.leader = null;

        assertThat(client.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(client.end().getDescription()).isEqualTo("etcdserver: no leader");
    }

    @Test
    @DisplayName("I8: a member in doubt of what it holds sends its watches elsewhere, by a code that clients repeat")
    void aMemberInDoubtServesNoWatch() throws Exception {
        Client before = client();
        before.created(key("k"));
        edge.node.isTrusted = false;
        Client after = client();

        assertThat(after.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(before.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(before.end().getDescription()).isEqualTo(EtcdError.QUARANTINED.text());
    }

    @Test
    @DisplayName("MT-8: a learner serves no watches")
    void aLearnerRefuses() throws Exception {
        edge.node.becomeLearner();

        assertThat(client().end().getDescription()).isEqualTo("etcdserver: rpc not supported for learner");
    }

    @Test
    @DisplayName("C.1: a server that stops ends its watches at once, by a code that clients repeat")
    void aServerThatStopsEndsItsWatches() throws Exception {
        Client client = client();
        client.created(key("k"));
        edge.api.enterTerminalState();

        assertThat(client.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(client.end().getDescription()).isEqualTo("etcdserver: server stopped");
    }

    private long gauge(String name) {
        return (Long)
                Objects.requireNonNull(edge.registry.getGauges().get(name)).getValue();
    }
}
