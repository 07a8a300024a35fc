package io.axolotl.server.api;

import com.codahale.metrics.MetricRegistry;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.server.api.watch.WatchLimits;
import io.axolotl.server.auth.Passwords;
import io.axolotl.server.auth.SimpleTokens;
import io.axolotl.server.gateway.Gateway;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpAccess;
import io.axolotl.server.http.HttpLimits;
import io.axolotl.server.http.HttpPages;
import io.axolotl.server.http.StandardPages;
import io.axolotl.server.http.Turnstile;
import io.axolotl.server.stage.StageThread;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The whole edge over a {@link FakeNode}, on a free port of the loopback, with a client that is connected to it. */
public final class Edge implements AutoCloseable {
    public static final int MAX_REQUEST_BYTES = 1_572_864;
    public static final int MAX_TXN_OPS = 128;

    public final FakeNode node = new FakeNode(MAX_REQUEST_BYTES);
    public final InetSocketAddress address;
    public final ManagedChannel channel;
    public final KVGrpc.KVBlockingStub kv;
    public final ClusterGrpc.ClusterBlockingStub cluster;
    public final MaintenanceGrpc.MaintenanceBlockingStub maintenance;
    public final LeaseGrpc.LeaseBlockingStub lease;
    public final ClientPort port;
    public final ReadPool reads;
    public final WatchGrpc.WatchStub watch;
    public final MetricRegistry registry = new MetricRegistry();
    public final EtcdApi api;
    private final Gateway gateway;
    public final AuthGrpc.AuthBlockingStub auth;

    /** How much later it is for tokens than the clock says. */
    public final AtomicLong tokensLateNanos = new AtomicLong();

    public final SimpleTokens tokens =
            new SimpleTokens(TimeUnit.MINUTES.toNanos(5), () -> System.nanoTime() + tokensLateNanos.get());
    public final Passwords passwords;
    private final StageThread watchThread;
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    public Edge() {
        this(2L << 30, HttpLimits.DEFAULT, ClientPort.Settings.PERMIT_KEEP_ALIVE);
    }

    public Edge(long quotaBytes, HttpLimits http, Duration permitKeepAlive) {
        this(ApiLimits.ofHeap(MAX_TXN_OPS, quotaBytes, Duration.ofSeconds(20)), http, permitKeepAlive);
    }

    public Edge(ApiLimits limits, HttpLimits http, Duration permitKeepAlive) {
        this(limits, http, permitKeepAlive, HttpAccess.OPEN);
    }

    public Edge(ApiLimits limits, HttpLimits http, Duration permitKeepAlive, HttpAccess access) {
        reads = new ReadPool("read", 2, (what, cause) -> fatal.add(what));
        passwords = new Passwords("password", Passwords.MIN_COST, (what, cause) -> fatal.add(what));
        api = new EtcdApi(
                node,
                limits,
                WatchLimits.of(MAX_REQUEST_BYTES, Duration.ofMillis(100), Duration.ofMillis(100)),
                new ReconfigurationRules(true, 1),
                reads,
                new AuthSettings(tokens, passwords, false),
                registry);
        watchThread = new StageThread("watch", api.watches(), (what, cause) -> fatal.add(what + ": " + cause));
        watchThread.start();
        GrpcMetrics tracer = new GrpcMetrics(registry, api.services());
        gateway = Gateway.open(api.services(), tracer, MAX_REQUEST_BYTES, reads::offer);
        try {
            port = ClientPort.open(
                    new ClientPort.Settings(
                            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                            2,
                            MAX_REQUEST_BYTES,
                            permitKeepAlive,
                            http),
                    api.services(),
                    tracer,
                    Turnstile.OPEN,
                    new HttpPages(
                            StandardPages.of(new HealthCheck(node, reads), reads, registry), gateway.pages(), access));
        } catch (IOException e) {
            throw new AssertionError("no free port on the loopback", e);
        }
        address = (InetSocketAddress) port.addresses().get(0);
        channel = NettyChannelBuilder.forAddress(address).usePlaintext().build();
        kv = KVGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        watch = WatchGrpc.newStub(channel);
        lease = LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        cluster = ClusterGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        auth = AuthGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
        maintenance = MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    public static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    public static PutRequest put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    public static RangeRequest.Builder range(String key) {
        return RangeRequest.newBuilder().setKey(bytes(key));
    }

    public static RangeRequest.Builder range(String key, String end) {
        return range(key).setRangeEnd(bytes(end));
    }

    public static void assertRefused(EtcdError error, ThrowingCallable call) {
        assertRefused(error.status().getCode(), error.text(), call);
    }

    public static void assertRefused(Status.Code code, String text, ThrowingCallable call) {
        Assertions.assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            Assertions.assertThat(e.getStatus().getDescription()).isEqualTo(text);
            Assertions.assertThat(e.getStatus().getCode()).isEqualTo(code);
        });
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            port.close(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while closing", e);
        }
        gateway.close();
        passwords.close();
        reads.close();
        watchThread.stopAndJoin();
        node.close();
        Assertions.assertThat(fatal).isEmpty();
    }
}
