package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.ClientOptions;
import io.axolotl.client.Credentials;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.TlsOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one command: made when they are wanted, closed when it is over. A shell makes and keeps them for its commands, so
 * that each but the first finds a connection that is set up. Safe for all threads.
 */
final class Clients implements AutoCloseable {
    /**
     * What a command wants of its client. Equal wishes share one.
     *
     * @param requestTimeout for a call as a whole
     */
    record Wish(
            List<String> endpoints,
            RetryPolicy retries,
            Duration requestTimeout,
            Duration connectTimeout,
            Duration keepAliveTime,
            Duration keepAliveTimeout,
            Optional<TlsOptions> tls,
            Optional<Credentials> credentials) {
        Wish {
            endpoints = List.copyOf(endpoints);
        }

        private AxolotlClient make() {
            ClientOptions.Builder builder = AxolotlClient.builder()
                    .endpoints(endpoints)
                    .connectTimeout(connectTimeout)
                    .requestTimeout(requestTimeout)
                    .keepAlive(keepAliveTime, keepAliveTimeout)
                    .networkThreads(1)
                    .retryPolicy(retries)
                    // One write is not worth a session, and etcdctl sends it once.
                    .exactlyOnce(ExactlyOnce.OFF);
            tls.ifPresent(builder::tls);
            credentials.ifPresent(who -> builder.credentials(who.user(), who.password()));
            return builder.build();
        }
    }

    /** What a shell keeps for its commands: with other endpoints or users each time, there would be more and more. */
    private static final int MOST_LENT = 8;

    private final @Nullable Clients lender;

    /** Guarded by this. */
    private final Map<Wish, AxolotlClient> made = new HashMap<>();

    /** @param lender who makes and keeps the clients, unless it has many already; null if there is none */
    Clients(@Nullable Clients lender) {
        this.lender = lender;
    }

    /** @throws IllegalArgumentException if no client can be as wished */
    synchronized AxolotlClient client(Wish wish) {
        AxolotlClient lent = lender == null ? null : lender.lend(wish);
        return lent != null ? lent : made.computeIfAbsent(wish, Wish::make);
    }

    private synchronized @Nullable AxolotlClient lend(Wish wish) {
        return made.size() < MOST_LENT || made.containsKey(wish) ? client(wish) : null;
    }

    @Override
    public synchronized void close() {
        made.values().forEach(AxolotlClient::close);
    }
}
