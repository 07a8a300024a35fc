package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A count that many processes change. It is one key, whose value is the count in decimal digits; without the key it is 0.
 *
 * <p>Every addition is a transaction that holds only if the count is still what it was when it was read. Done means that it was
 * added once; refused, that it was not added; unknown, that it may have been. Against servers with sessions ({@link
 * ExactlyOnce}) an outcome is unknown only if the time of a call was over first; against etcd, whenever an answer is lost.
 *
 * <p>Safe for all threads.
 */
public final class Counter {
    private final AxolotlClient client;
    private final Bytes key;

    /** What was seen last; a guess, by which an addition can do without reading first. */
    private volatile Seen last = Seen.NOTHING;

    /**
     * @param count the key's value
     * @param modRevision its revision, 0 if there is no key
     */
    private record Seen(long count, long modRevision) {
        static final Seen NOTHING = new Seen(0, 0);
    }

    public Counter(AxolotlClient client, Bytes key) {
        this.client = client;
        this.key = key;
    }

    /**
     * The count, from a linearizable read.
     *
     * @return fails with a {@link BadCounterException} if the value is no count
     */
    public Pending<Long> value() {
        return Pending.ofReads(client, "counter.value", client.kv().get(key).thenApply(found -> {
            last = seen(found);
            return last.count();
        }));
    }

    /**
     * Adds, as often as it takes while others do too.
     *
     * @param delta may be negative, or 0
     * @return the count that this addition has made, which no other addition of a delta but 0 has made at the same time. Fails with a
     *     {@link BadCounterException} if there is no room for the sum or the value is no count, with a {@link
     *     ContendedException} if others were faster for too long: then nothing was added
     */
    public Pending<Long> add(long delta) {
        return Pending.ofWrites(client, "counter.add", Contest.win(client, "counter.add", () -> addOnce(last, delta)));
    }

    private CompletableFuture<Optional<Long>> addOnce(Seen before, long delta) {
        long sum;
        try {
            sum = Math.addExact(before.count(), delta);
        } catch (ArithmeticException e) {
            return refuseIfStill(before, delta);
        }
        return client.kv()
                .txn()
                .when(Compare.modRevision(key).equalTo(before.modRevision()))
                .then(Op.put(key, Bytes.of(Long.toString(sum))))
                .otherwise(Op.get(KeyRange.single(key)))
                .commit()
                .thenApply(result -> {
                    if (result.succeeded()) {
                        last = new Seen(sum, result.header().revision());
                        return Optional.of(sum);
                    }
                    last = seen((GetResult) result.results().get(0));
                    return Optional.empty();
                });
    }

    /** The guess may be old: only what is there now can be a reason. */
    private CompletableFuture<Optional<Long>> refuseIfStill(Seen before, long delta) {
        return client.kv().get(key).thenApply(found -> {
            last = seen(found);
            if (last.equals(before)) {
                throw new BadCounterException(
                        "nothing was added to " + key + ": " + before.count() + " and " + delta
                                + " is more than a counter can hold",
                        "delete the key to begin at 0 again");
            }
            return Optional.empty();
        });
    }

    private Seen seen(GetResult found) {
        if (found.kvs().isEmpty()) {
            return Seen.NOTHING;
        }
        KeyValue kv = found.kvs().get(0);
        try {
            return new Seen(Long.parseLong(kv.value().utf8()), kv.modRevision());
        } catch (NumberFormatException e) {
            throw new BadCounterException(
                    "the value of " + key + " is no count: " + kv.value(), "count in another key, or delete this one");
        }
    }
}
