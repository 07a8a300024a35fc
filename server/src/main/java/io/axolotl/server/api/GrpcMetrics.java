package io.axolotl.server.api;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.metrics.BucketHistogram;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts calls, messages and bytes under the names of Go's gRPC middleware, which etcd's dashboards read (contract F.3).
 * A tracer per call, not a wrapper around it: some additions and one small object.
 *
 * <p>Calls of methods that do not exist are not counted: their names come from outside and could be many. For the same
 * reason only the first versions that clients claim to have get a label of their own.
 *
 * <p>Safe for all threads.
 */
public final class GrpcMetrics extends ServerStreamTracer.Factory {
    private static final Metadata.Key<String> CLIENT_API_VERSION =
            Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);
    private static final int MAX_CLIENT_VERSIONS = 16;

    /** Those of Go's middleware, which etcd's dashboards know. */
    private static final double[] HANDLING_BOUNDS_SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

    private static final ServerStreamTracer UNCOUNTED = new ServerStreamTracer() {};

    private final MetricRegistry registry;
    private final Map<String, MethodCounters> methods = new HashMap<>();
    private final Map<String, Counter> unaryByClientVersion = new ConcurrentHashMap<>();
    private final Map<String, Counter> streamsByClientVersion = new ConcurrentHashMap<>();
    private final Counter receivedBytes;
    private final Counter sentBytes;

    public GrpcMetrics(MetricRegistry registry, List<ServerServiceDefinition> services) {
        this(registry, services, false);
    }

    /** @param isExtensive whether durations are measured too, a histogram per method */
    public GrpcMetrics(MetricRegistry registry, List<ServerServiceDefinition> services, boolean isExtensive) {
        this.registry = registry;
        this.receivedBytes = registry.counter("etcd_network_client_grpc_received_bytes_total");
        this.sentBytes = registry.counter("etcd_network_client_grpc_sent_bytes_total");
        for (ServerServiceDefinition service : services) {
            service.getMethods().forEach(method -> {
                MethodDescriptor<?, ?> descriptor = method.getMethodDescriptor();
                methods.put(descriptor.getFullMethodName(), new MethodCounters(registry, descriptor, isExtensive));
            });
        }
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        MethodCounters method = methods.get(fullMethodName);
        if (method == null) {
            return UNCOUNTED;
        }
        String version = headers.get(CLIENT_API_VERSION);
        countClient(method.isUnary, version == null ? "unknown" : version);
        method.started.inc();
        return new CallTracer(method);
    }

    private void countClient(boolean isUnary, String version) {
        Map<String, Counter> byVersion = isUnary ? unaryByClientVersion : streamsByClientVersion;
        Counter counter = byVersion.get(version);
        if (counter == null) {
            String label = byVersion.size() < MAX_CLIENT_VERSIONS && isPlain(version) ? version : "other";
            counter = byVersion.computeIfAbsent(
                    label,
                    v -> registry.counter("etcd_server_client_requests_total{type=\"" + (isUnary ? "unary" : "stream")
                            + "\",client_api_version=\"" + v + "\"}"));
        }
        counter.inc();
    }

    /** What needs no escaping in a label. */
    private static boolean isPlain(String version) {
        return version.length() <= 16
                && version.chars().allMatch(c -> c == '.' || c == '-' || (c < 128 && Character.isLetterOrDigit(c)));
    }

    private static final class MethodCounters {
        private final MetricRegistry registry;
        private final String labels;
        private final boolean isUnary;
        private final Counter started;
        private final Counter received;
        private final Counter sent;
        private final Map<Status.Code, Counter> handled = new ConcurrentHashMap<>();

        /** Null unless metrics are extensive. */
        private final @Nullable BucketHistogram handling;

        MethodCounters(MetricRegistry registry, MethodDescriptor<?, ?> method, boolean isExtensive) {
            this.registry = registry;
            this.isUnary = method.getType() == MethodDescriptor.MethodType.UNARY;
            this.labels = "grpc_type=\"" + typeName(method.getType()) + "\",grpc_service=\"" + method.getServiceName()
                    + "\",grpc_method=\"" + method.getBareMethodName() + "\"";
            this.started = registry.counter("grpc_server_started_total{" + labels + "}");
            this.received = registry.counter("grpc_server_msg_received_total{" + labels + "}");
            this.sent = registry.counter("grpc_server_msg_sent_total{" + labels + "}");
            this.handling = isExtensive
                    ? registry.register(
                            "grpc_server_handling_seconds{" + labels + "}",
                            new BucketHistogram(HANDLING_BOUNDS_SECONDS))
                    : null;
            handled(Status.Code.OK);
        }

        /** A counter per code that was seen: 17 times as many series as methods would be mostly zeros. */
        Counter handled(Status.Code code) {
            Counter counter = handled.get(code);
            if (counter == null) {
                counter = registry.counter(
                        "grpc_server_handled_total{" + labels + ",grpc_code=\"" + goName(code) + "\"}");
                handled.put(code, counter);
            }
            return counter;
        }

        private static String typeName(MethodDescriptor.MethodType type) {
            return switch (type) {
                case UNARY -> "unary";
                case CLIENT_STREAMING -> "client_stream";
                case SERVER_STREAMING -> "server_stream";
                case BIDI_STREAMING -> "bidi_stream";
                case UNKNOWN -> "unknown";
            };
        }

        /** {@code DEADLINE_EXCEEDED} is {@code DeadlineExceeded} in Go, and OK stays OK. */
        private static String goName(Status.Code code) {
            if (code == Status.Code.OK) {
                return "OK";
            }
            StringBuilder name = new StringBuilder();
            for (String word : code.name().split("_", -1)) {
                name.append(word.charAt(0));
                for (int i = 1; i < word.length(); i++) {
                    name.append(Character.toLowerCase(word.charAt(i)));
                }
            }
            return name.toString();
        }
    }

    private final class CallTracer extends ServerStreamTracer {
        private final MethodCounters method;
        private final long startNanos;

        CallTracer(MethodCounters method) {
            this.method = method;
            this.startNanos = method.handling == null ? 0 : System.nanoTime();
        }

        @Override
        public void inboundMessage(int sequence) {
            method.received.inc();
        }

        @Override
        public void outboundMessage(int sequence) {
            method.sent.inc();
        }

        @Override
        public void inboundWireSize(long bytes) {
            receivedBytes.inc(bytes);
        }

        @Override
        public void outboundWireSize(long bytes) {
            sentBytes.inc(bytes);
        }

        @Override
        public void streamClosed(Status status) {
            method.handled(status.getCode()).inc();
            if (method.handling != null) {
                method.handling.recordNanos(System.nanoTime() - startNanos);
            }
        }
    }
}
