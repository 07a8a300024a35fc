package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.KeptLease;
import io.axolotl.client.UnknownOutcomeException;
import java.util.concurrent.CompletableFuture;

/** Grants leases for recipes. A grant whose answer was lost is asked for again: a lease that nobody knows of runs out by itself. */
final class Leasing {
    private static final int MAX_GRANTS = 5;

    private Leasing() {}

    /** As {@link io.axolotl.client.Leases#keep}. */
    static CompletableFuture<KeptLease> keep(AxolotlClient client, long ttlSeconds, KeptLease.Listener listener) {
        return keep(client, ttlSeconds, listener, 1);
    }

    private static CompletableFuture<KeptLease> keep(
            AxolotlClient client, long ttlSeconds, KeptLease.Listener listener, int grants) {
        return client.leases()
                .keep(ttlSeconds, listener)
                .exceptionallyCompose(failure ->
                        QueueConsumer.cause(failure) instanceof UnknownOutcomeException && grants < MAX_GRANTS
                                ? keep(client, ttlSeconds, listener, grants + 1)
                                : CompletableFuture.failedFuture(failure));
    }
}
