package io.axolotl.client;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a client. Immutable; made by {@link AxolotlClient#builder}.
 *
 * @param endpoints at least one, no place twice
 * @param connectTimeout most time for setting up one connection
 * @param requestTimeout budget of a call, all its attempts and pauses together
 * @param retryPolicy pauses and number of attempts
 * @param authority the name that is sent as {@code :authority}; that of the endpoint if empty
 * @param maxRequestBytes largest request that is sent; larger ones are refused here
 * @param keepAliveTime a connection with calls in flight is probed after this much silence; servers of the etcd family cut
 *     clients that probe more often than every 5 s
 * @param keepAliveTimeout a probe without an answer for this long ends the connection
 * @param networkThreads threads that move bytes and complete futures
 * @param metrics where calls, retries and outcomes are counted
 * @param tls how connections are secured; if empty, only those to {@code https://} endpoints are, by what the Java platform
 *     trusts
 * @param credentials as whom to log in; nobody if empty
 * @param exactlyOnce whether writes are numbered, so that they can be sent again
 * @param loadBalancing how reads are spread over the members
 * @param listener hears of every call
 */
public record ClientOptions(
        List<Endpoint> endpoints,
        Duration connectTimeout,
        Duration requestTimeout,
        RetryPolicy retryPolicy,
        Optional<String> authority,
        int maxRequestBytes,
        Duration keepAliveTime,
        Duration keepAliveTimeout,
        int networkThreads,
        MetricRegistry metrics,
        Optional<TlsOptions> tls,
        Optional<Credentials> credentials,
        ExactlyOnce exactlyOnce,
        LoadBalancing loadBalancing,
        CallListener listener) {

    public ClientOptions {
        Map<String, Endpoint> distinct = new LinkedHashMap<>();
        endpoints.forEach(endpoint -> distinct.putIfAbsent(endpoint.address(), endpoint));
        endpoints = List.copyOf(distinct.values());
        if (endpoints.isEmpty()) {
            throw new NoEndpointsException();
        }
        requirePositive(connectTimeout, "connectTimeout");
        requirePositive(requestTimeout, "requestTimeout");
        requirePositive(keepAliveTime, "keepAliveTime");
        requirePositive(keepAliveTimeout, "keepAliveTimeout");
        if (maxRequestBytes < 1) {
            throw new IllegalArgumentException("maxRequestBytes is " + maxRequestBytes + "; it must be positive");
        }
        if (networkThreads < 1) {
            throw new IllegalArgumentException("networkThreads is " + networkThreads + "; at least 1 is needed");
        }
    }

    static void requirePositive(Duration duration, String name) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + " is " + duration + "; it must be positive");
        }
    }

    /** Collects options. One thread at a time may use it. */
    public static final class Builder {
        private final List<Endpoint> endpoints = new ArrayList<>();
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration requestTimeout = Duration.ofSeconds(5);
        private RetryPolicy retryPolicy = RetryPolicy.DEFAULT;
        private Optional<String> authority = Optional.empty();
        private int maxRequestBytes = 2 << 20;
        private Duration keepAliveTime = Duration.ofSeconds(10);
        private Duration keepAliveTimeout = Duration.ofSeconds(5);
        private int networkThreads = 2;
        private MetricRegistry metrics = new MetricRegistry();
        private Optional<TlsOptions> tls = Optional.empty();
        private Optional<Credentials> credentials = Optional.empty();
        private ExactlyOnce exactlyOnce = ExactlyOnce.WHEN_OFFERED;
        private LoadBalancing loadBalancing = LoadBalancing.WEIGHTED;
        private CallListener listener = CallListener.NONE;

        Builder() {}

        /**
         * Adds endpoints.
         *
         * @throws BadEndpointException if one is not {@code host:port}, {@code http://host:port} or {@code https://host:port}
         */
        public Builder endpoints(String... added) {
            return endpoints(List.of(added));
        }

        public Builder endpoints(Collection<String> added) {
            added.forEach(text -> endpoints.add(Endpoint.parse(text)));
            return this;
        }

        public Builder connectTimeout(Duration timeout) {
            connectTimeout = timeout;
            return this;
        }

        public Builder requestTimeout(Duration timeout) {
            requestTimeout = timeout;
            return this;
        }

        public Builder retryPolicy(RetryPolicy policy) {
            retryPolicy = policy;
            return this;
        }

        public Builder authority(String name) {
            authority = Optional.of(name);
            return this;
        }

        public Builder maxRequestBytes(int bytes) {
            maxRequestBytes = bytes;
            return this;
        }

        public Builder keepAlive(Duration time, Duration timeout) {
            keepAliveTime = time;
            keepAliveTimeout = timeout;
            return this;
        }

        public Builder networkThreads(int threads) {
            networkThreads = threads;
            return this;
        }

        public Builder metrics(MetricRegistry registry) {
            metrics = registry;
            return this;
        }

        /** Secures all connections but those to {@code http://} endpoints. */
        public Builder tls(TlsOptions options) {
            tls = Optional.of(options);
            return this;
        }

        /** Logs in with the first call, and again when the token has run out. The password travels as it is: use TLS. */
        public Builder credentials(String user, String password) {
            credentials = Optional.of(new Credentials(user, password));
            return this;
        }

        /** Whether writes are numbered. By default they are where the servers offer it. */
        public Builder exactlyOnce(ExactlyOnce choice) {
            exactlyOnce = choice;
            return this;
        }

        /** How reads are spread; by default in proportion to how well each member is. */
        public Builder loadBalancing(LoadBalancing choice) {
            loadBalancing = choice;
            return this;
        }

        /** Who hears of every call, for tracing. */
        public Builder listener(CallListener hears) {
            listener = hears;
            return this;
        }

        public ClientOptions options() {
            return new ClientOptions(
                    endpoints,
                    connectTimeout,
                    requestTimeout,
                    retryPolicy,
                    authority,
                    maxRequestBytes,
                    keepAliveTime,
                    keepAliveTimeout,
                    networkThreads,
                    metrics,
                    tls,
                    credentials,
                    exactlyOnce,
                    loadBalancing,
                    listener);
        }

        /**
         * Makes the client. Connects to nothing; the first call does.
         *
         * @throws IllegalArgumentException if a file of the TLS options cannot be used
         */
        public AxolotlClient build() {
            return new AxolotlClient(options());
        }
    }
}
