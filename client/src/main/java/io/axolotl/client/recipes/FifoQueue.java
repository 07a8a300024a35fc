package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A queue of values with any number of producers and consumers. What was offered is taken in that order: an item whose offer had
 * ended before another's began comes before it.
 *
 * <pre>
 * PREFIX/items/REVISION-CHANCE     an item: 16 hexadecimal digits each, of a revision before the offer, and drawn at random
 * PREFIX/claims/REVISION-CHANCE    that somebody has the item; hangs on the consumer's lease, its value says which take it was
 * </pre>
 *
 * <p>To take an item is to claim it ({@link QueueConsumer#take}); it stays where it is until it is {@link Claim#done}. The claim of
 * a consumer that is gone ends with its lease, and others get the item: no item is lost, none is done twice. It may be <em>begun</em> twice,
 * by somebody who was cut off and does not know it: let what is done for it be guarded by {@link Claim#token}, or put it into the
 * transaction that ends the item ({@link Claim#done(Op...)}).
 *
 * <p>The revision in the key is read before the item is put: larger than that of any item whose offer has ended. So the keys are in order without
 * a counter that all producers would contend for.
 *
 * <p>Safe for all threads.
 */
public final class FifoQueue {
    private final AxolotlClient client;
    private final Bytes prefix;

    /** @param prefix under which there are no other keys */
    public FifoQueue(AxolotlClient client, Bytes prefix) {
        this.client = client;
        this.prefix = prefix.plus("/");
    }

    AxolotlClient client() {
        return client;
    }

    KeyRange whole() {
        return KeyRange.prefix(prefix);
    }

    Bytes items() {
        return prefix.plus("items/");
    }

    Bytes claims() {
        return prefix.plus("claims/");
    }

    /**
     * Adds an item at the end. If the outcome is unknown, which with sessions at the servers it is only when the time of a call was over
     * first, the item may be there, or may come.
     *
     * @return the item's name
     */
    public Pending<String> offer(Bytes value) {
        String chance = String.format("%016x", ThreadLocalRandom.current().nextLong());
        CompletableFuture<String> offered = client.kv()
                .get(KeyRange.single(items()), GetOptions.DEFAULT.withCountOnly(true))
                .thenCompose(found -> {
                    String name = String.format("%016x-%s", found.header().revision(), chance);
                    Bytes key = items().plus(name);
                    return client.kv()
                            .txn()
                            .when(Compare.createRevision(key).equalTo(0))
                            .then(Op.put(key, value))
                            .commit()
                            .thenApply(done -> {
                                if (!done.succeeded()) {
                                    throw new ContendedException("queue.offer of " + name);
                                }
                                return name;
                            });
                });
        return Pending.ofWrites(client, "queue.offer", offered);
    }

    /** How many items are there, those that are claimed among them. */
    public Pending<Long> size() {
        return Pending.ofReads(
                client,
                "queue.size",
                client.kv()
                        .get(KeyRange.prefix(items()), GetOptions.DEFAULT.withCountOnly(true))
                        .thenApply(found -> found.count()));
    }

    /**
     * Begins to consume.
     *
     * @param ttlSeconds after how long others get what this consumer has claimed when it is gone
     * @param listener hears early when the lease is in danger, and when it is lost: then its items may be others'
     */
    public Pending<QueueConsumer> consumer(long ttlSeconds, KeptLease.Listener listener) {
        return Pending.ofWrites(
                client,
                "queue.consumer",
                Handover.of(
                        Leasing.keep(client, ttlSeconds, listener).thenApply(lease -> new QueueConsumer(this, lease)),
                        QueueConsumer::close));
    }
}
