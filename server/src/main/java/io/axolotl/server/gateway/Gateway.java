package io.axolotl.server.gateway;

import com.google.protobuf.Message;
import io.axolotl.server.http.HttpAnswer;
import io.axolotl.server.http.HttpBudget;
import io.axolotl.server.http.HttpExchange;
import io.axolotl.server.http.HttpPage;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of the client port, called by JSON over HTTP. Life: {@link #open}, {@link #pages}, {@link #close} when the
 * HTTP ports are closed.
 *
 * <p>Safe for all threads.
 */
public final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    /** What a message may be larger than the largest request, as on the gRPC side. */
    private static final int MESSAGE_SLACK_BYTES = 512 * 1024;

    /** Too much is being translated, or one message is too large for it. */
    static final Status BUSY = Status.RESOURCE_EXHAUSTED.withDescription(
            "etcdserver: too many bytes are being translated from or to JSON; try again, set a limit, or use gRPC");

    /** A fault of ours, which the log tells. */
    static final Status FAILED = Status.INTERNAL.withDescription("the message could not be translated");

    /** A message, its JSON, and the copy of that which is handed on. */
    private static final int COPIES = 3;

    /** Larger messages are not translated on an event loop. */
    private static final int SHORT_BYTES = 64 * 1024;

    private final Server server;
    private final ManagedChannel channel;
    private final int maxMessageBytes;
    private final Predicate<Runnable> pool;
    private final Map<String, HttpPage> pages = new HashMap<>();
    private final HttpBudget translating = new HttpBudget(Runtime.getRuntime().maxMemory() / 8);

    private Gateway(Server server, ManagedChannel channel, int maxMessageBytes, Predicate<Runnable> pool) {
        this.server = server;
        this.channel = channel;
        this.maxMessageBytes = maxMessageBytes;
        this.pool = pool;
    }

    /**
     * @param services with all their interceptors
     * @param tracer counts these calls as it does those of gRPC
     * @param maxRequestBytes largest encoded command; messages may be somewhat larger
     * @param pool runs work that may take a while, or says that there is too much of it
     */
    public static Gateway open(
            List<ServerServiceDefinition> services,
            ServerStreamTracer.Factory tracer,
            int maxRequestBytes,
            Predicate<Runnable> pool) {
        String name = InProcessServerBuilder.generateName();
        InProcessServerBuilder builder = InProcessServerBuilder.forName(name)
                .directExecutor()
                .intercept(new ClientAddress())
                .addStreamTracerFactory(tracer);
        services.forEach(builder::addService);
        Server server;
        try {
            server = builder.build().start();
        } catch (IOException e) {
            throw new UncheckedIOException("a server within this process needs nothing that could fail", e);
        }
        ManagedChannel channel =
                InProcessChannelBuilder.forName(name).directExecutor().build();
        Gateway gateway = new Gateway(server, channel, maxRequestBytes + MESSAGE_SLACK_BYTES, pool);
        Map<String, MethodDescriptor<?, ?>> methods = new HashMap<>();
        for (ServerServiceDefinition service : services) {
            for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
                methods.put(method.getMethodDescriptor().getFullMethodName(), method.getMethodDescriptor());
            }
        }
        GatewayPaths.byMethod().forEach((method, paths) -> {
            MethodDescriptor<?, ?> known = methods.get(method);
            HttpPage page = known == null ? unimplemented(method) : gateway.page(known);
            paths.forEach(path -> gateway.pages.put(path, page));
        });
        return gateway;
    }

    /** By path, for requests by POST. */
    public Map<String, HttpPage> pages() {
        return Map.copyOf(pages);
    }

    private static HttpPage unimplemented(String method) {
        HttpAnswer answer =
                JsonStatus.answer(Status.UNIMPLEMENTED.withDescription("unknown service or method " + method));
        return exchange -> exchange.send(answer);
    }

    private HttpPage page(MethodDescriptor<?, ?> untyped) {
        @SuppressWarnings("unchecked") // all services of the API are generated from proto files
        MethodDescriptor<Message, Message> method = (MethodDescriptor<Message, Message>) untyped;
        if (!(method.getRequestMarshaller() instanceof MethodDescriptor.PrototypeMarshaller<Message> marshaller)
                || marshaller.getMessagePrototype() == null) {
            throw new IllegalStateException(method.getFullMethodName() + " does not tell what it is called with");
        }
        Message prototype = marshaller.getMessagePrototype();
        return exchange -> {
            translate(
                    exchange.body().length,
                    () -> call(exchange, method, prototype),
                    refusal -> exchange.send(JsonStatus.answer(refusal)));
        };
    }

    private void call(HttpExchange exchange, MethodDescriptor<Message, Message> method, Message prototype) {
        // A stream of requests whose first one cannot be read ends with Unknown, as with etcd.
        Status unreadable = method.getType().clientSendsOneMessage() ? Status.INVALID_ARGUMENT : Status.UNKNOWN;
        try {
            Metadata metadata = CallHeaders.metadata(exchange);
            ClientCall<Message, Message> call = channel.newCall(method, CallHeaders.options(exchange));
            Requests requests = new Requests(exchange.body(), prototype, maxMessageBytes);
            Message first = method.getType().clientSendsOneMessage() ? requests.only() : requests.next();
            if (method.getType() == MethodDescriptor.MethodType.UNARY) {
                new UnaryCall(this, exchange, call).start(metadata, Objects.requireNonNull(first));
            } else {
                new StreamCall(this, exchange, call, requests).start(metadata, first);
            }
        } catch (MalformedJsonException e) {
            exchange.send(JsonStatus.answer(unreadable.withDescription(e.getMessage())));
        } catch (StatusException e) {
            exchange.send(JsonStatus.answer(e.getStatus()));
        }
    }

    /**
     * Translates on this thread if the message is short, else where that is in nobody's way, and within the memory that is
     * set aside for it.
     *
     * @param refuse told, on whatever thread, if it cannot be done
     */
    void translate(int bytes, Runnable translation, Consumer<Status> refuse) {
        if (bytes <= SHORT_BYTES) {
            translation.run();
            return;
        }
        long held = (long) COPIES * bytes;
        if (!translating.take(held)) {
            refuse.accept(BUSY);
        } else if (!pool.test(() -> translateElsewhere(held, translation, refuse))) {
            translating.give(held);
            refuse.accept(BUSY);
        }
    }

    /** An exception would be taken for damage to the store by those who lend their threads. */
    private void translateElsewhere(long held, Runnable translation, Consumer<Status> refuse) {
        try {
            translation.run();
        } catch (RuntimeException | StackOverflowError e) {
            log.error("a large message could not be translated from or to JSON; this is a bug", e);
            refuse.accept(FAILED);
        } finally {
            translating.give(held);
        }
    }

    /** Ends the calls that are still running. */
    @Override
    public void close() {
        ManagedChannel unusedChannel = channel.shutdownNow();
        Server unusedServer = server.shutdownNow();
    }
}
