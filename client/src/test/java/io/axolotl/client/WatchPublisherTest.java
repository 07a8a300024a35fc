package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("WA-15: a watch as a stream with demand")
final class WatchPublisherTest {
    private final FakeEtcd server = FakeEtcd.start(1);
    private final FakeEtcd other = FakeEtcd.start(2);
    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints(server.endpoint(), other.endpoint())
            .build();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final AtomicInteger inside = new AtomicInteger();
    private volatile Flow.Subscription subscription = new Flow.Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    };

    @AfterEach
    void close() {
        client.close();
        server.close();
        other.close();
    }

    private static WatchResponse events(long first, int count) {
        WatchResponse.Builder response = WatchResponse.newBuilder();
        for (long revision = first; revision < first + count; revision++) {
            response.getHeaderBuilder().setRevision(revision);
            response.addEvents(Event.newBuilder()
                    .setKv(io.axolotl.client.proto.KeyValue.newBuilder()
                            .setKey(ByteString.copyFromUtf8("k"))
                            .setModRevision(revision)));
        }
        return response.build();
    }

    private static WatchResponse created() {
        WatchResponse.Builder response = WatchResponse.newBuilder().setCreated(true);
        response.getHeaderBuilder().setRevision(1);
        return response.build();
    }

    private void hear(String what) {
        assertThat(inside.incrementAndGet()).as("one signal at a time").isEqualTo(1);
        heard.add(what);
        inside.decrementAndGet();
    }

    private void subscribe(long demand) {
        subscribe(client, demand, ForkJoinPool.commonPool());
        assertThat(next()).isEqualTo("subscribed");
    }

    private void subscribe(AxolotlClient from, long demand, Executor executor) {
        from.changes(KeyRange.single(Bytes.of("k")), WatchOptions.DEFAULT, executor)
                .subscribe(new Flow.Subscriber<>() {
                    @Override
                    public void onSubscribe(Flow.Subscription given) {
                        subscription = given;
                        if (demand != 0) {
                            given.request(demand);
                        }
                        hear("subscribed");
                    }

                    @Override
                    public void onNext(WatchResult result) {
                        hear(
                                result.isCanceled()
                                        ? "canceled"
                                        : "" + result.events().get(0).kv().modRevision());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        hear(failure.getClass().getSimpleName());
                    }

                    @Override
                    public void onComplete() {
                        hear("complete");
                    }
                });
    }

    private String next() {
        try {
            String said = heard.poll(30, TimeUnit.SECONDS);
            assertThat(said).isNotNull();
            return said;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void serve(WatchResponse... responses) {
        for (FakeEtcd member : new FakeEtcd[] {server, other}) {
            member.onWatch = (request, observer) -> {
                observer.onNext(created());
                for (WatchResponse response : responses) {
                    observer.onNext(response);
                }
            };
        }
    }

    private AxolotlClient alone() {
        return AxolotlClient.builder().endpoints(server.endpoint()).build();
    }

    /** Whatever the only member has sent before is here: its answer to this comes after it, over the same connection. */
    private static void awaitWhatWasSent(AxolotlClient alone) {
        alone.kv().get("k").await();
    }

    @Test
    void whatIsAskedForComesAndNoMore() {
        serve(events(2, 1), events(3, 1), events(4, 1), events(5, 1));
        try (AxolotlClient alone = alone()) {
            // Each is told on the thread that brings it: what is not told then will not be.
            subscribe(alone, 0, Runnable::run);
            assertThat(next()).isEqualTo("subscribed");
            subscription.request(1);
            assertThat(next()).isEqualTo("2");
            awaitWhatWasSent(alone);
            assertThat(heard).isEmpty();
            subscription.request(2);
            assertThat(heard).containsExactly("3", "4");
            awaitWhatWasSent(alone);
            assertThat(heard).hasSize(2);
            subscription.request(1);
            assertThat(heard).containsExactly("3", "4", "5");
        }
    }

    @Test
    @DisplayName("a subscriber may wait for who cancels it, though it is called on the thread that brings the message")
    void nobodyIsToldUnderTheWatchsMonitor() {
        CountDownLatch isCancelled = new CountDownLatch(1);
        serve(events(2, 1));
        client.changes(KeyRange.single(Bytes.of("k")), WatchOptions.DEFAULT, Runnable::run)
                .subscribe(new Flow.Subscriber<>() {
                    @Override
                    public void onSubscribe(Flow.Subscription given) {
                        subscription = given;
                        given.request(1);
                    }

                    @Override
                    public void onNext(WatchResult result) {
                        Thread other = new Thread(() -> {
                            subscription.cancel();
                            isCancelled.countDown();
                        });
                        other.start();
                        try {
                            heard.add("cancelled meanwhile: " + isCancelled.await(20, TimeUnit.SECONDS));
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        heard.add(failure.toString());
                    }

                    @Override
                    public void onComplete() {
                        heard.add("complete");
                    }
                });
        assertThat(next()).isEqualTo("cancelled meanwhile: true");
    }

    @Test
    @DisplayName("when the executor takes no more the subscriber hears of it, and the watch of nothing")
    void anExecutorThatRefusesEndsItWithAnError() {
        AtomicBoolean isShutDown = new AtomicBoolean();
        serve();
        subscribe(client, 1, work -> {
            if (isShutDown.get()) {
                throw new RejectedExecutionException("shut down");
            }
            work.run();
        });
        assertThat(next()).isEqualTo("subscribed");
        isShutDown.set(true);
        subscription.request(1);
        assertThat(next()).isEqualTo("RejectedExecutionException");
        subscription.request(1);
        assertThat(heard).isEmpty();
    }

    @Test
    void anExecutorThatTakesNothingIsAnErrorAndNotAnException() {
        subscribe(client, 0, work -> {
            throw new RejectedExecutionException("shut down");
        });
        assertThat(next()).isEqualTo("subscribed");
        assertThat(next()).isEqualTo("RejectedExecutionException");
    }

    @Test
    void itGoesOnElsewhereAndMissesNothing() {
        for (FakeEtcd member : new FakeEtcd[] {server, other}) {
            member.onWatch = (request, observer) -> {
                long start = request.getCreateRequest().getStartRevision();
                observer.onNext(created());
                observer.onNext(events(start == 0 ? 2 : start, 2));
                if (start < 6) {
                    observer.onError(Status.UNAVAILABLE.asRuntimeException());
                }
            };
        }
        subscribe(Long.MAX_VALUE);
        assertThat(next()).isEqualTo("2");
        assertThat(next()).isEqualTo("4");
        assertThat(next()).isEqualTo("6");
    }

    @Test
    void theServersEndIsAMessageAndThenCompletion() {
        serve(WatchResponse.newBuilder().setCanceled(true).setCompactRevision(5).build());
        subscribe(1);
        assertThat(next()).isEqualTo("canceled");
        assertThat(next()).as("completion needs no demand").isEqualTo("complete");
    }

    @Test
    void aRefusalIsAnError() {
        for (FakeEtcd member : new FakeEtcd[] {server, other}) {
            member.onWatch = FakeEtcd.fail(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
        }
        subscribe(0);
        assertThat(next()).isEqualTo("PermissionDeniedException");
    }

    @Test
    void closingTheClientIsAnError() {
        serve();
        subscribe(1);
        client.close();
        assertThat(next()).isEqualTo("ClientClosedException");
    }

    @Test
    void badDemandIsAnErrorAndEndsIt() {
        serve();
        subscribe(client, 0, Runnable::run);
        subscription.request(0);
        subscription.request(1);
        assertThat(heard).containsExactly("subscribed", "IllegalArgumentException");
    }

    @Test
    void aCancelledSubscriberHearsNothingMore() {
        serve(events(2, 1), events(3, 1));
        try (AxolotlClient alone = alone()) {
            subscribe(alone, 1, Runnable::run);
            assertThat(next()).isEqualTo("subscribed");
            assertThat(next()).isEqualTo("2");
            subscription.cancel();
            subscription.request(5);
            awaitWhatWasSent(alone);
            assertThat(heard).isEmpty();
        }
    }
}
