package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@DisplayName("pitfall 67: an attempt that is given up while it begins ends, and throws at nobody")
final class UnaryAttemptTest {
    private static final RangeRequest REQUEST =
            RangeRequest.newBuilder().setKey(Bytes.of("k").unwrap()).build();

    private final FakeEtcd server = FakeEtcd.start(1);
    private final FakeEtcd other = FakeEtcd.start(2);
    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints(server.endpoint(), other.endpoint())
            .build();
    private final ClientOptions options = client.options();
    private final NettyTransport transport = new NettyTransport(
            "test",
            1,
            new NettyTransport.Settings(
                    options.connectTimeout(),
                    options.keepAliveTime(),
                    options.keepAliveTimeout(),
                    options.authority(),
                    true));
    private final Connections connections = new Connections(options.endpoints(), transport);
    private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        client.close();
        connections.close();
        transport.close();
        server.close();
        other.close();
    }

    /** When it happens: before the first of these, or after one. */
    private enum Moment {
        BEFORE,
        START,
        REQUEST,
        MESSAGE,
        HALF_CLOSE
    }

    /** A call of gRPC's own, in whose beginning something happens. */
    private static final class Interrupted extends SimpleForwardingClientCall<RangeRequest, RangeResponse> {
        private final Consumer<Moment> happening;

        Interrupted(ClientCall<RangeRequest, RangeResponse> call, Consumer<Moment> happening) {
            super(call);
            this.happening = happening;
        }

        @Override
        public void start(Listener<RangeResponse> listener, Metadata headers) {
            happening.accept(Moment.BEFORE);
            super.start(listener, headers);
            happening.accept(Moment.START);
        }

        @Override
        public void request(int count) {
            super.request(count);
            happening.accept(Moment.REQUEST);
        }

        @Override
        public void sendMessage(RangeRequest message) {
            super.sendMessage(message);
            happening.accept(Moment.MESSAGE);
        }

        @Override
        public void halfClose() {
            super.halfClose();
            happening.accept(Moment.HALF_CLOSE);
        }
    }

    private UnaryAttempt<RangeRequest, RangeResponse> attempt(Consumer<Moment> happening) {
        ClientCall<RangeRequest, RangeResponse> call = connections
                .configured()
                .get(0)
                .channel()
                .newCall(Calls.GET.method(), CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
        return new UnaryAttempt<>(
                new Interrupted(call, happening), (self, status, trailers, response) -> ends.add(status));
    }

    private Status end() throws InterruptedException {
        Status end = ends.poll(20, TimeUnit.SECONDS);
        assertThat(end).as("it ends").isNotNull();
        assertThat(ends).as("once").isEmpty();
        return end;
    }

    /** Begins one to which this happens. */
    private void begin(Moment when, Consumer<UnaryAttempt<RangeRequest, RangeResponse>> what) {
        List<UnaryAttempt<RangeRequest, RangeResponse>> self = new ArrayList<>();
        self.add(attempt(moment -> {
            if (moment == when) {
                what.accept(self.get(0));
            }
        }));
        self.get(0).begin(REQUEST, new Metadata());
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void anAttemptThatIsAbandonedWhileItBeginsEndsAsUnavailable(Moment when) throws InterruptedException {
        server.onRange = FakeEtcd.never();
        begin(when, UnaryAttempt::abandon);
        assertThat(end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void anAttemptThatItsCallerGivesUpWhileItBeginsIsCancelled(Moment when) throws InterruptedException {
        server.onRange = FakeEtcd.never();
        begin(when, UnaryAttempt::giveUp);
        assertThat(end().getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void whatThrowsWhileItBeginsEndsItAndNobodyIsThrownAt(Moment when) throws InterruptedException {
        server.onRange = FakeEtcd.never();
        begin(when, attempt -> {
            throw new IllegalStateException("an interceptor's trouble");
        });
        assertThat(end().getDescription()).contains("an interceptor's trouble");
    }

    @Test
    @DisplayName("a refusal that came just before the member was given up is told as what it is")
    void onlyTheEndThatItsOwnCancelMadeIsCalledUnavailable() throws InterruptedException {
        UnaryAttempt<RangeRequest, RangeResponse> attempt = attempt(moment -> {});
        attempt.abandon();
        attempt.onClose(Status.INVALID_ARGUMENT.withDescription("etcdserver: no"), new Metadata());
        assertThat(end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    /** Marshals as the real one, and calls this while it does. */
    private static <T> MethodDescriptor.Marshaller<T> marshaller(MethodDescriptor.Marshaller<T> real, Runnable then) {
        return new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(T value) {
                then.run();
                return real.stream(value);
            }

            @Override
            public T parse(InputStream stream) {
                return real.parse(stream);
            }
        };
    }

    @Test
    @DisplayName(
            "N20: a read that is abandoned while it begins is made elsewhere, and its caller hears of nothing else")
    void aReadThatIsAbandonedWhileItBeginsIsMadeElsewhere() {
        server.onRange = FakeEtcd.never();
        AtomicInteger sent = new AtomicInteger();
        MethodDescriptor<RangeRequest, RangeResponse> real = Calls.GET.method();
        CallSpec<RangeRequest, RangeResponse, GetResult> abandoned = new CallSpec<>(
                Calls.GET.name(),
                Effect.READ,
                real.toBuilder(
                                marshaller(real.getRequestMarshaller(), () -> {
                                    if (sent.getAndIncrement() == 0) {
                                        connections.configured().forEach(Connection::abandonAll);
                                    }
                                }),
                                real.getResponseMarshaller())
                        .build(),
                Calls.GET.decode(),
                Calls.GET.header());
        CallRunner runner = new CallRunner(options, connections, transport, new ClientMetrics(new MetricRegistry()));
        assertThat(runner.run(abandoned, REQUEST).awaitOutcome()).isInstanceOf(Outcome.Done.class);
        assertThat(other.ranges).hasSize(1);
    }
}
