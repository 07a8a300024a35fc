package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.ClientOptions;
import io.axolotl.client.Credentials;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.TlsOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one command: made when they are wanted, closed when it is over. A shell lends its own to its commands, so that
 * they find a connection that is set up. Safe for all threads.
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

    private final @Nullable Clients lender;
    private final Map<Wish, AxolotlClient> made = new ConcurrentHashMap<>();

    /** @param lender whose clients are used if they are as wished, and left open; null if there is none */
    Clients(@Nullable Clients lender) {
        this.lender = lender;
    }

    /** @throws IllegalArgumentException if no client can be as wished */
    AxolotlClient client(Wish wish) {
        AxolotlClient lent = lender == null ? null : lender.made.get(wish);
        return lent != null ? lent : made.computeIfAbsent(wish, Wish::make);
    }

    @Override
    public void close() {
        made.values().forEach(AxolotlClient::close);
    }
}
