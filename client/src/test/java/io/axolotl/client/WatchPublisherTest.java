package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
        client.changes(KeyRange.single(Bytes.of("k")), WatchOptions.DEFAULT).subscribe(new Flow.Subscriber<>() {
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
        assertThat(next()).isEqualTo("subscribed");
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

    @Test
    void whatIsAskedForComesAndNoMore() {
        serve(events(2, 1), events(3, 1), events(4, 1));
        subscribe(0);
        subscription.request(1);
        assertThat(next()).isEqualTo("2");
        assertThat(heard).isEmpty();
        subscription.request(2);
        assertThat(next()).isEqualTo("3");
        assertThat(next()).isEqualTo("4");
        assertThat(heard).isEmpty();
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
        serve(events(2, 1));
        subscribe(0);
        subscription.request(0);
        assertThat(next()).isEqualTo("IllegalArgumentException");
        subscription.request(1);
        assertThat(heard).isEmpty();
    }

    @Test
    void aCancelledSubscriberHearsNothingMore() throws Exception {
        serve(events(2, 1), events(3, 1));
        subscribe(1);
        assertThat(next()).isEqualTo("2");
        subscription.cancel();
        subscription.request(5);
        assertThat(heard.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }
}
