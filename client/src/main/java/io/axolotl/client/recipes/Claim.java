package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.TxnResult;
import io.axolotl.client.UnknownOutcomeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * An item of a {@link FifoQueue} that one consumer has, until it is done, given back, or the consumer's lease has ended. Safe for all
 * threads.
 */
public final class Claim {
    private final QueueConsumer consumer;
    private final Bytes item;
    private final Bytes key;
    private final Bytes mark;
    private final Bytes value;
    private final long token;

    /** @param token the revision of the claim's creation */
    Claim(QueueConsumer consumer, Bytes item, Bytes key, Bytes mark, Bytes value, long token) {
        this.consumer = consumer;
        this.item = item;
        this.key = key;
        this.mark = mark;
        this.value = value;
        this.token = token;
    }

    /** What was offered. */
    public Bytes value() {
        return value;
    }

    /** A fencing token: larger than that of whoever had the item before. */
    public long token() {
        return token;
    }

    /** For how long nobody else can have the item; zero once somebody may. */
    public Duration left() {
        return consumer.lease().left();
    }

    /**
     * Ends the item: it is taken out of the queue.
     *
     * @param effects what is to happen in the same transaction, and so for each item once
     * @return fails with a {@link ClaimLostException} if it is not this consumer's any more: then it was not ended by this call, and the
     *     effects did not happen. If the outcome is unknown, it may have been, once
     */
    public Pending<Void> done(Op... effects) {
        CompletableFuture<Void> ended = end(effects)
                .exceptionallyCompose(failure -> QueueConsumer.cause(failure) instanceof UnknownOutcomeException unknown
                        ? end(effects).thenApply(repeated -> settle(repeated, unknown))
                        : CompletableFuture.failedFuture(failure))
                .thenAccept(result -> {
                    consumer.forget(mark);
                    if (!result.succeeded()) {
                        throw new ClaimLostException(item.toString());
                    }
                });
        return Pending.ofWrites(consumer.client(), "claim.done", ended);
    }

    private CompletableFuture<TxnResult> end(Op... effects) {
        return consumer.client()
                .kv()
                .txn()
                .when(Compare.createRevision(key).equalTo(token))
                .then(Op.delete(KeyRange.single(item)), Op.delete(KeyRange.single(key)))
                .then(effects)
                .otherwise(Op.get(KeyRange.single(item)))
                .commit();
    }

    /**
     * What a second attempt says of the first, whose answer was lost. It cannot be applied after it, since the claim is created once; and
     * if the item is still there it was not applied before it either.
     */
    private static TxnResult settle(TxnResult repeated, UnknownOutcomeException unknown) {
        if (!repeated.succeeded()
                && ((GetResult) repeated.results().get(0)).kvs().isEmpty()) {
            throw unknown;
        }
        return repeated;
    }

    /**
     * Gives the item back, to its old place: others get it next.
     *
     * @return whether it was still this consumer's
     */
    public Pending<Boolean> giveBack() {
        return Pending.ofWrites(
                consumer.client(),
                "claim.giveBack",
                consumer.client()
                        .kv()
                        .txn()
                        .when(Compare.createRevision(key).equalTo(token))
                        .then(Op.delete(KeyRange.single(key)))
                        .commit()
                        .thenApply(result -> {
                            consumer.forget(mark);
                            return result.succeeded();
                        }));
    }
}
