package io.axolotl.client;

import io.axolotl.client.tls.TlsFileException;
import io.axolotl.client.transport.ClientTls;
import io.axolotl.client.transport.NettyTransport;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * A client of one cluster: its connections, and the faces through which to call it.
 *
 * <pre>{@code
 * try (AxolotlClient client = AxolotlClient.builder().endpoints("http://127.0.0.1:2379").build()) {
 *     client.kv().put("greeting", "hello").await();
 *     Outcome<PutResult> outcome = client.kv().put("greeting", "hi").awaitOutcome();
 * }
 * }</pre>
 *
 * <p>Making one is cheap and connects to nothing; keep one per program all the same, since its connections are shared by all
 * calls. Safe for all threads.
 */
public final class AxolotlClient implements AutoCloseable {
    private final ClientOptions options;
    private final NettyTransport transport;
    private final Connections connections;
    private final CallRunner runner;
    private final Kv kv;
    private final Maintenance maintenance;
    private final Cluster cluster;
    private final Leases leases;
    private final Coordination coordination;
    private final Auth auth;

    AxolotlClient(ClientOptions options) {
        this.options = options;
        this.transport = new NettyTransport(
                "axolotl-client",
                options.networkThreads(),
                new NettyTransport.Settings(
                        options.connectTimeout(),
                        options.keepAliveTime(),
                        options.keepAliveTimeout(),
                        options.authority(),
                        true),
                tls(options));
        this.connections = new Connections(
                options.endpoints(),
                transport,
                options.tls().isPresent(),
                options.credentials(),
                options.requestTimeout(),
                options.loadBalancing() == LoadBalancing.WEIGHTED);
        this.runner = new CallRunner(options, connections, transport, new ClientMetrics(options.metrics()));
        this.kv = new Kv(runner);
        this.maintenance = new Maintenance(runner, connections);
        this.cluster = new Cluster(runner);
        this.leases = new Leases(runner, transport.timer());
        this.coordination = new Coordination(runner, connections, leases, kv);
        this.auth = new Auth(runner);
    }

    private static @Nullable ClientTls tls(ClientOptions options) {
        TlsOptions tls = options.tls().orElse(null);
        try {
            return tls == null ? null : ClientTls.open(tls.files(), tls.insecureSkipVerify());
        } catch (TlsFileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    public static ClientOptions.Builder builder() {
        return new ClientOptions.Builder();
    }

    public ClientOptions options() {
        return options;
    }

    CallRunner runner() {
        return runner;
    }

    public Kv kv() {
        return kv;
    }

    public Maintenance maintenance() {
        return maintenance;
    }

    public Cluster cluster() {
        return cluster;
    }

    /** Watches a key or a range of keys. To be closed when nobody listens any more. */
    public Watch watch(KeyRange range, WatchOptions options) {
        return new Watch(connections, transport, range, options);
    }

    /**
     * As {@link #watch}, as a stream: each subscriber has a watch of its own, and gets what it asks for. Messages come on
     * threads of the common pool.
     */
    public Flow.Publisher<WatchResult> changes(KeyRange range, WatchOptions options) {
        return changes(range, options, ForkJoinPool.commonPool());
    }

    /** @param executor on which subscribers are called */
    public Flow.Publisher<WatchResult> changes(KeyRange range, WatchOptions options, Executor executor) {
        return new WatchPublisher(onTold -> new Watch(connections, transport, range, options, onTold), executor);
    }

    public Leases leases() {
        return leases;
    }

    /** Locks and elections. */
    public Coordination coordination() {
        return coordination;
    }

    /** Users and roles. */
    public Auth auth() {
        return auth;
    }

    /**
     * Ends all connections and watches. Calls in flight fail: writes that were sent have an unknown outcome. Later calls fail with a {@link
     * ClientClosedException}. Does not wait; calling it again does nothing.
     */
    @Override
    public void close() {
        connections.close();
        runner.close();
        leases.close();
        transport.close();
    }
}
