package io.axolotl.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.http.HttpAnswer;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The gateway alone, between a connection and services that are the test. */
class GatewayTest {
    private final Kv kv = new Kv();
    private final Watches watches = new Watches();
    private final List<Metadata> heard = new ArrayList<>();
    private final List<SocketAddress> callers = new ArrayList<>();
    private boolean isPoolFull;
    private final Gateway gateway = Gateway.open(
            List.of(ServerInterceptors.intercept(kv, new Ear()), watches.bindService()),
            new ServerStreamTracer.Factory() {
                @Override
                public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                    return new ServerStreamTracer() {};
                }
            },
            1_000_000,
            work -> {
                if (!isPoolFull) {
                    work.run();
                }
                return !isPoolFull;
            });

    @AfterEach
    void close() {
        gateway.close();
    }

    private final class Ear implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            heard.add(headers);
            callers.add(Objects.requireNonNull(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
            return next.startCall(call, headers);
        }
    }

    private static final class Kv extends KVGrpc.KVImplBase {
        private @Nullable StreamObserver<RangeResponse> asked;
        private long secondsLeft;

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            if (request.getKey().isEmpty()) {
                observer.onError(Status.NOT_FOUND.withDescription("no \"key\"").asException());
            } else {
                observer.onNext(PutResponse.newBuilder()
                        .setHeader(ResponseHeader.newBuilder().setRevision(request.getLease()))
                        .build());
                observer.onCompleted();
            }
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
            asked = observer;
            if (Context.current().getDeadline() != null) {
                secondsLeft = Context.current().getDeadline().timeRemaining(TimeUnit.SECONDS);
            }
        }

        ServerCallStreamObserver<RangeResponse> asked() {
            return (ServerCallStreamObserver<RangeResponse>) Objects.requireNonNull(asked);
        }
    }

    /** Answers each request with its number, and goes on when the requests have ended. */
    private static final class Watches extends WatchGrpc.WatchImplBase {
        private @Nullable ServerCallStreamObserver<WatchResponse> output;
        private long requests;
        private boolean hasEnded;

        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
            output = (ServerCallStreamObserver<WatchResponse>) observer;
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    requests++;
                    observer.onNext(
                            WatchResponse.newBuilder().setWatchId(requests).build());
                }

                @Override
                public void onError(Throwable e) {}

                @Override
                public void onCompleted() {
                    hasEnded = true;
                }
            };
        }

        ServerCallStreamObserver<WatchResponse> output() {
            return Objects.requireNonNull(output);
        }
    }

    private FakeExchange post(String path, String body) {
        return post(path, body, Map.of());
    }

    private FakeExchange post(String path, String body, Map<String, String> headers) {
        FakeExchange exchange = new FakeExchange(body, List.copyOf(headers.entrySet()));
        Objects.requireNonNull(gateway.pages().get(path)).answer(exchange);
        exchange.run();
        return exchange;
    }

    private static String text(FakeExchange exchange) {
        return new String(answer(exchange).body(), StandardCharsets.UTF_8);
    }

    private static HttpAnswer answer(FakeExchange exchange) {
        return Objects.requireNonNull(exchange.answer, "not answered");
    }

    @Test
    @DisplayName("F.4: 64 bits as text, defaults left out")
    void aCallIsAnsweredWithItsMessage() {
        FakeExchange put = post("/v3/kv/put", "{\"key\":\"YQ==\",\"lease\":\"9007199254740993\"}");
        assertThat(answer(put).status()).isEqualTo(200);
        assertThat(text(put)).isEqualTo("{\"header\":{\"revision\":\"9007199254740993\"}}");
        assertThat(text(post("/v3/kv/put", "{\"key\":\"YQ==\"}"))).isEqualTo("{\"header\":{}}");
    }

    @Test
    @DisplayName("F.4: errors with the fields of 3.4 and of 3.6; an empty body is an empty message")
    void aRefusalHasBothForms() {
        FakeExchange put = post("/v3/kv/put", "");
        assertThat(answer(put).status()).isEqualTo(404);
        assertThat(text(put))
                .isEqualTo("{\"error\":\"no \\\"key\\\"\",\"message\":\"no \\\"key\\\"\",\"code\":5,\"details\":[]}");
    }

    @Test
    @DisplayName("F.4: what is no message never becomes a call")
    void malformedBodiesAreRefused() {
        FakeExchange put = post("/v3/kv/put", "{\"key\":\"***\"}");
        assertThat(answer(put).status()).isEqualTo(400);
        assertThat(text(put)).contains("\"error\":\"$.key takes bytes as base64\"", "\"code\":3");
        assertThat(answer(post("/v3/watch", "{]")).status()).isEqualTo(500);
        assertThat(heard).isEmpty();
    }

    @Test
    @DisplayName("F.4, AU-1, C.2: the token, metadata and the deadline reach the service's interceptors")
    void headersBecomeMetadata() {
        FakeExchange range = post(
                "/v3/kv/range",
                "{}",
                Map.of(
                        "Authorization", "a.token",
                        "Grpc-Metadata-HasLeader", "true",
                        "Grpc-Metadata-grpc-timeout", "x",
                        "grpc-metadata-raw-bin", "AAE=",
                        "Cookie", "no",
                        "Grpc-Timeout", "90S"));
        Metadata headers = heard.get(0);
        assertThat(headers.get(key("authorization"))).isEqualTo("a.token");
        assertThat(headers.get(key("hasleader"))).isEqualTo("true");
        assertThat(headers.get(Metadata.Key.of("raw-bin", Metadata.BINARY_BYTE_MARSHALLER)))
                .containsExactly(0, 1);
        assertThat(headers.containsKey(key("cookie"))).isFalse();
        assertThat(kv.secondsLeft).isBetween(1L, 90L);
        range.go();
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    @Test
    @DisplayName("the services see the HTTP client's address, whatever that client says")
    void callsComeFromTheirClients() {
        assertThat(post("/v3/kv/put", "{}").answer).isNotNull();
        String other = "x1ZWkA==";
        assertThat(post("/v3/kv/put", "{}", Map.of("Grpc-Metadata-Axolotl-Client-Bin", other)).answer)
                .isNotNull();
        assertThat(callers).containsExactly(FakeExchange.CLIENT, FakeExchange.CLIENT);
    }

    @Test
    void headersThatCannotBePassedOnAreNamed() {
        assertThat(text(post("/v3/kv/put", "{}", Map.of("Grpc-Timeout", "soon"))))
                .contains("Grpc-Timeout takes digits and a unit");
        assertThat(text(post("/v3/kv/put", "{}", Map.of("Grpc-Metadata-a!", "b"))))
                .contains("Grpc-Metadata-a!");
        assertThat(text(post("/v3/kv/put", "{}", Map.of("Grpc-Metadata-a-bin", "*"))))
                .contains("Grpc-Metadata-a-bin");
        assertThat(heard).isEmpty();
    }

    @Test
    @DisplayName("G-10: a call of a service that this server lacks is 501, not an unknown path")
    void whatIsNotServedSaysSo() {
        FakeExchange auth = post("/v3/auth/enable", "{}");
        assertThat(answer(auth).status()).isEqualTo(501);
        assertThat(text(auth)).contains("\"code\":12", "etcdserverpb.Auth/AuthEnable");
    }

    @Test
    void aClientThatGoesTakesItsCallWithIt() {
        FakeExchange range = post("/v3/kv/range", "{}");
        assertThat(kv.asked().isCancelled()).isFalse();
        range.go();
        assertThat(kv.asked().isCancelled()).isTrue();

        FakeExchange watch = post("/v3/watch", "{}");
        watch.go();
        assertThat(watches.output().isCancelled()).isTrue();
    }

    @Test
    @DisplayName("F.4, WA-13: every message of a stream is a line; the end of the requests does not end a watch")
    void requestsStandOneAfterTheOther() {
        FakeExchange watch = post("/v3/watch", "{\"create_request\":{}} {\"cancel_request\":{}}\n");
        assertThat(watch.pieces).containsExactly("{\"result\":{\"watch_id\":\"1\"}}\n");
        watch.take();
        assertThat(watch.pieces).hasSize(2).element(1).isEqualTo("{\"result\":{\"watch_id\":\"2\"}}\n");
        watch.take();
        assertThat(watches.hasEnded).isTrue();
        assertThat(watch.isEnded).isFalse();
        watches.output().onCompleted();
        watch.run();
        assertThat(watch.isEnded).isTrue();
    }

    @Test
    @DisplayName("a client that reads nothing costs one message, and the service sees that there is no room for more")
    void aSlowClientIsSeenByTheService() {
        FakeExchange watch = post("/v3/watch", "{}");
        for (int i = 0; i < 100 && watches.output().isReady(); i++) {
            watches.output().onNext(WatchResponse.getDefaultInstance());
        }
        watch.run();
        assertThat(watch.pieces).hasSize(1);
        assertThat(watches.output().isReady()).isFalse();
        watch.take();
        assertThat(watches.output().isReady()).isTrue();
    }

    @Test
    @DisplayName("F.4: a stream that ends badly says so in its last line, or by its status if there was none before")
    void aStreamsEndIsItsLastLine() {
        FakeExchange watch = post("/v3/watch", "{}");
        watches.output().onError(Status.UNAVAILABLE.withDescription("gone").asException());
        watch.run();
        assertThat(watch.pieces).as("the end waits behind what is on its way").hasSize(1);
        watch.take();
        assertThat(watch.pieces.get(1))
                .isEqualTo("{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"gone\","
                        + "\"http_status\":\"Service Unavailable\",\"code\":14,\"details\":[]}}\n");
        watch.take();
        assertThat(watch.isEnded).isTrue();

        FakeExchange silent = post("/v3/watch", "");
        watches.output().onError(Status.PERMISSION_DENIED.asException());
        silent.run();
        assertThat(answer(silent).status()).isEqualTo(403);
        assertThat(text(silent)).startsWith("{\"error\":{\"grpc_code\":7,");
    }

    @Test
    @DisplayName("what comes behind a first good message and cannot be read ends the requests, as with etcd")
    void aLaterMalformedRequestEndsTheRequests() {
        FakeExchange watch = post("/v3/watch", "{}{\"create_request\":[]}{}");
        assertThat(watches.requests).isEqualTo(1);
        assertThat(watches.hasEnded).isTrue();
        assertThat(watch.isEnded).isFalse();
        watch.go();
    }

    @Test
    @DisplayName("contract D: a message larger than gRPC takes is refused with gRPC's code")
    void largeMessagesAreRefused() {
        String value = "A".repeat(2_200_000);
        FakeExchange put = post("/v3/kv/put", "{\"value\":\"" + value + "\"}");
        assertThat(answer(put).status()).isEqualTo(429);
        assertThat(text(put)).contains("\"code\":8", "larger than max");
        assertThat(heard).isEmpty();
    }

    @Test
    void largeMessagesAreTranslatedElsewhereOrRefused() {
        isPoolFull = true;
        String large = "{\"key\":\"" + "AAAA".repeat(20_000) + "\"}";
        assertThat(answer(post("/v3/kv/put", large)).status()).isEqualTo(429);
        FakeExchange watch = post("/v3/watch", "{}");
        watch.take();
        watches.output()
                .onNext(WatchResponse.newBuilder()
                        .setCancelReason("x".repeat(100_000))
                        .build());
        watch.run();
        assertThat(watch.pieces).hasSize(2);
        assertThat(watch.pieces.get(1)).contains("too many bytes are being translated");
        assertThat(watches.output().isCancelled()).isTrue();
        isPoolFull = false;
        assertThat(answer(post("/v3/kv/put", large)).status()).isEqualTo(200);
    }
}
