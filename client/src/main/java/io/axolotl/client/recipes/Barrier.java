package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.WatchEvent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Has everybody wait while a key exists. Safe for all threads.
 *
 * <p>It outlives whoever has raised it. One that is to fall with a process is a key that hangs on a lease: {@link
 * io.axolotl.client.Leases#keep}, {@link io.axolotl.client.PutOptions#lease}; {@link #pass} waits for that as well.
 */
public final class Barrier {
    private final AxolotlClient client;
    private final Bytes key;

    public Barrier(AxolotlClient client, Bytes key) {
        this.client = client;
        this.key = key;
    }

    /**
     * Raises it.
     *
     * @return whether it was down before
     */
    public Pending<Boolean> raise() {
        return Pending.ofWrites(
                client,
                "barrier.raise",
                client.kv()
                        .txn()
                        .when(Compare.createRevision(key).equalTo(0))
                        .then(Op.put(key, Bytes.EMPTY))
                        .commit()
                        .thenApply(result -> result.succeeded()));
    }

    /**
     * Lowers it, for all who wait.
     *
     * @return whether it was up before
     */
    public Pending<Boolean> lower() {
        return Pending.ofWrites(
                client,
                "barrier.lower",
                client.kv().delete(KeyRange.single(key)).thenApply(result -> result.deleted() != 0));
    }

    /**
     * Waits until it is down, for as long as that takes; to give up, cancel. One that is raised again at once may be missed by some and
     * held up others.
     *
     * @return a revision at which it was down
     */
    public Pending<Long> pass() {
        return Pending.ofReads(
                client,
                "barrier.pass",
                Lookout.until(client, KeyRange.single(key), WatchEvent::isDelete, this::look, revision -> {}));
    }

    private CompletableFuture<Lookout.Look<Long>> look() {
        return client.kv().get(key).thenApply(found -> {
            long revision = found.header().revision();
            return new Lookout.Look<>(found.kvs().isEmpty() ? Optional.of(revision) : Optional.empty(), revision);
        });
    }
}
