package io.axolotl.server.http;

import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.tls.PortTls;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A client port with one service and one page behind it, in clear text and, if asked for, with TLS. */
final class SmallPort implements AutoCloseable {
    static final int MAX_CONNECTIONS = 20;
    static final int MAX_REQUEST_BYTES = 1 << 20;
    static final HttpLimits HTTP =
            new HttpLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), 8192, 8192, 8);

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    /** Answers what it is sent. */
    static final MethodDescriptor<byte[], byte[]> ECHO = method("test.Small/Echo");

    /** Never answers. */
    static final MethodDescriptor<byte[], byte[]> HANG = method("test.Small/Hang");

    final AtomicInteger calls = new AtomicInteger();
    final LinkedBlockingQueue<Attributes> seen = new LinkedBlockingQueue<>();
    final ClientPort port;

    /** How calls ended, in the eyes of who counts them. */
    final LinkedBlockingQueue<Status.Code> closed = new LinkedBlockingQueue<>();

    /** What callers gave their calls. */
    final LinkedBlockingQueue<Long> timeouts = new LinkedBlockingQueue<>();

    /** Whether all calls are turned away. */
    volatile boolean isShut;

    /** Runs on the event loop when a call begins. */
    volatile Runnable atCall = () -> {};

    SmallPort(ConnectionLimits limits, @Nullable PortTls tls) throws IOException {
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        this.port = ClientPort.open(
                new ClientPort.Settings(
                        List.of(anywhere),
                        1,
                        MAX_REQUEST_BYTES,
                        ClientPort.Settings.PERMIT_KEEP_ALIVE,
                        HTTP,
                        limits,
                        ConnectionBound.ofClients(MAX_CONNECTIONS),
                        tls == null ? ClientPort.Secured.NONE : new ClientPort.Secured(List.of(anywhere), tls)),
                List.of(service()),
                new ServerStreamTracer.Factory() {
                    @Override
                    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                        return new ServerStreamTracer() {
                            @Override
                            public void streamClosed(Status status) {
                                closed.add(status.getCode());
                            }
                        };
                    }
                },
                new Turnstile() {
                    @Override
                    public boolean turnsAway(CharSequence path, long timeoutNanos) {
                        timeouts.add(timeoutNanos);
                        return isShut;
                    }

                    @Override
                    public Status refusal() {
                        return Status.RESOURCE_EXHAUSTED.withDescription("come later");
                    }
                },
                new HttpPages(
                        Map.of(
                                "/page", exchange -> exchange.send(HttpAnswer.text(200, "q=" + exchange.query("q"))),
                                "/large", exchange -> exchange.send(HttpAnswer.text(200, "x".repeat(300_000)))),
                        Map.of(
                                "/v3/echo",
                                exchange -> exchange.send(HttpAnswer.of(
                                        200,
                                        exchange.header("content-type").get(0),
                                        new String(exchange.body(), java.nio.charset.StandardCharsets.UTF_8))),
                                "/v3/stream",
                                SmallPort::stream),
                        HttpAccess.UNCHECKED));
    }

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        return MethodDescriptor.newBuilder(BYTES, BYTES)
                .setFullMethodName(name)
                .setType(MethodDescriptor.MethodType.UNARY)
                .build();
    }

    private ServerServiceDefinition service() {
        ServerInterceptor notes = new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                calls.incrementAndGet();
                seen.add(call.getAttributes());
                atCall.run();
                return next.startCall(call, headers);
            }
        };
        return ServerInterceptors.intercept(
                ServerServiceDefinition.builder("test.Small")
                        .addMethod(ECHO, ServerCalls.asyncUnaryCall(SmallPort::echo))
                        .addMethod(HANG, ServerCalls.asyncUnaryCall((request, answers) -> {}))
                        .build(),
                notes);
    }

    /** Three pieces, each once the one before is taken. */
    private static void stream(HttpExchange exchange) {
        HttpStream pieces = exchange.begin(200, "text/plain");
        pieces.write(
                new byte[] {'a'},
                () -> pieces.write(new byte[] {'b'}, () -> pieces.write(new byte[] {'c'}, pieces::end)));
    }

    private static void echo(byte[] request, StreamObserver<byte[]> answers) {
        answers.onNext(request);
        answers.onCompleted();
    }

    int clearPort() {
        return ((InetSocketAddress) port.addresses().get(0)).getPort();
    }

    int securePort() {
        return ((InetSocketAddress) port.addresses().get(1)).getPort();
    }

    /** Of the next call that has come through. */
    SSLSession session() throws InterruptedException {
        return Objects.requireNonNull(seen.take().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
    }

    @Override
    public void close() {
        try {
            port.close(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while closing", e);
        }
    }
}
