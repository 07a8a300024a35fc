package io.axolotl.client;

import io.axolotl.client.transport.NettyTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One connection per endpoint: the configured ones from the start, others when a call names them or the leader is found
 * there. Safe for all threads.
 */
final class Connections {
    private final NettyTransport transport;
    private final boolean isSecureByDefault;
    private final boolean isWeighted;
    private final @Nullable Logins logins;
    private final List<Connection> configured;
    private final Map<String, Connection> byAddress = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** Of the cluster that has answered first, and where; null before. */
    private final AtomicReference<@Nullable Home> home = new AtomicReference<>();

    private volatile boolean closed;

    private record Home(long clusterId, Endpoint answered) {}

    Connections(List<Endpoint> endpoints, NettyTransport transport) {
        this(endpoints, transport, false, Optional.empty(), Duration.ZERO, false);
    }

    /**
     * @param isSecureByDefault whether endpoints without a scheme are reached by TLS
     * @param credentials as whom calls are made
     * @param loginTimeout how long a log-in may take
     * @param isWeighted whether members get calls in proportion to how well they are
     */
    Connections(
            List<Endpoint> endpoints,
            NettyTransport transport,
            boolean isSecureByDefault,
            Optional<Credentials> credentials,
            Duration loginTimeout,
            boolean isWeighted) {
        this.transport = transport;
        this.isSecureByDefault = isSecureByDefault;
        this.isWeighted = isWeighted;
        this.logins =
                credentials.map(who -> new Logins(who, loginTimeout, this)).orElse(null);
        this.configured = endpoints.stream().map(this::to).toList();
    }

    /** The connection to an endpoint, made if there is none; a closed one after {@link #close}. */
    Connection to(Endpoint endpoint) {
        Connection connection = byAddress.computeIfAbsent(
                endpoint.address(),
                address -> new Connection(
                        endpoint,
                        endpoint.isSecure(isSecureByDefault)
                                ? transport.secureChannel(endpoint.host(), endpoint.port())
                                : transport.channel(endpoint.host(), endpoint.port()),
                        logins));
        if (closed) {
            // It may have come too late for those that close() has closed.
            connection.close();
        }
        return connection;
    }

    /**
     * Whether to connect where somebody else says: not in clear text, if the user asked for TLS everywhere. Keys and
     * passwords would follow.
     */
    boolean mayFollowTo(Endpoint endpoint) {
        return endpoint.isSecure(isSecureByDefault)
                || configured.stream()
                        .anyMatch(known -> !known.endpoint().isSecure(isSecureByDefault)
                                || known.endpoint().address().equals(endpoint.address()));
    }

    /**
     * Whether a call that ended with this text may be made again: it was refused for its token alone, and the next one has
     * another.
     */
    boolean mayLogInAgain(@Nullable String text) {
        Logins users = logins;
        if (users == null || !Logins.isTroubleWithToken(text)) {
            return false;
        }
        users.forget();
        return true;
    }

    List<Connection> configured() {
        return configured;
    }

    /**
     * The next of the configured connections in turn, or by their weights, leaving out those just tried, and before all those of other clusters. One that has just failed is taken only if no
     * other is left, and then the one that failed longest ago: it is the likeliest to have come back.
     *
     * @param tried connections not to take, unless all are among them
     */
    Connection next(Set<Connection> tried) {
        int turnNumber = turn.getAndIncrement();
        int start = Math.floorMod(turnNumber, configured.size());
        List<Connection> best = new ArrayList<>(configured.size());
        int bestRank = Integer.MAX_VALUE;
        for (int i = 0; i < configured.size(); i++) {
            Connection candidate = configured.get((start + i) % configured.size());
            int rank = rank(candidate, tried);
            if (rank < bestRank || (rank == bestRank && failedEarlier(candidate, best.get(0)))) {
                best.clear();
                bestRank = rank;
            }
            if (rank == bestRank) {
                best.add(candidate);
            }
        }
        return isWeighted ? weighed(best, turnNumber) : best.get(0);
    }

    /**
     * Why an answer is not to be used: it comes from another cluster than the first one. Whoever gave it is not asked again.
     *
     * @param clusterId in its header; 0 if it has none
     * @return null if it is from the same one, as far as anybody can tell
     */
    @Nullable WrongClusterException strangeness(Connection connection, long clusterId) {
        if (clusterId == 0) {
            return null;
        }
        Home first = home.get();
        if (first == null) {
            home.compareAndSet(null, new Home(clusterId, connection.endpoint()));
            first = home.get();
        }
        if (first == null || first.clusterId == clusterId) {
            return null;
        }
        connection.expel();
        return new WrongClusterException(connection.endpoint().text() + " belongs to cluster "
                + Long.toHexString(clusterId) + ", and " + first.answered.text() + " to cluster "
                + Long.toHexString(first.clusterId));
    }

    /** Whether one of the configured connections is not among those just tried, and may be. */
    boolean isAnyLeft(Set<Connection> tried) {
        return configured.stream().anyMatch(connection -> !connection.isForeign() && !tried.contains(connection));
    }

    /** When all that is left leads to another cluster. */
    WrongClusterException strangeness() {
        return new WrongClusterException("no endpoint is left that belongs to the cluster of "
                + Optional.ofNullable(home.get())
                        .map(first -> first.answered.text())
                        .orElse("this client"));
    }

    /** Of those of one rank, each in proportion to its weight, evenly over time; each in turn if they weigh the same. */
    private Connection weighed(List<Connection> equals, int turnNumber) {
        int sum = 0;
        int least = Integer.MAX_VALUE;
        for (Connection connection : equals) {
            sum += connection.health().weight();
            least = Math.min(least, connection.health().weight());
        }
        if (least * equals.size() >= sum) {
            return equals.get(0);
        }
        // Multiples of the golden ratio fall evenly into any part of a whole.
        double at = ((turnNumber * 0x9E3779B97F4A7C15L) >>> 11) * 0x1p-53 * sum;
        for (Connection connection : equals) {
            at -= connection.health().weight();
            if (at < 0) {
                return connection;
            }
        }
        return equals.get(0);
    }

    private static int rank(Connection connection, Set<Connection> tried) {
        return (connection.isForeign() ? 4 : 0)
                + (tried.contains(connection) ? 2 : 0)
                + (connection.isShunned() ? 1 : 0);
    }

    private static boolean failedEarlier(Connection a, Connection b) {
        return a.isShunned() && b.isShunned() && a.failedNanos() - b.failedNanos() < 0;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
        byAddress.values().forEach(Connection::close);
    }
}
