package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.Hold;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.Txn;
import io.axolotl.client.TxnResult;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Writes that are refused once a larger fencing token was seen, whoever has issued the tokens: a lock of this cluster ({@link
 * Hold#token}) or of another one. The largest token so far is the value of one key, in decimal digits; every write here looks at it
 * and raises it, in its own transaction.
 *
 * <p>A token counts from its first write here on: the one before may write until then. Safe for all threads.
 */
public final class Fence {
    private final AxolotlClient client;
    private final Bytes key;

    /** @param key only to be written by fences */
    public Fence(AxolotlClient client, Bytes key) {
        this.client = client;
        this.key = key;
    }

    /**
     * Runs a transaction if no larger token was seen.
     *
     * @param txn not committed by itself; may have conditions of its own; must not write the key of the fence
     * @return which way it went. Fails with a {@link FencedOffException} if a larger token was seen, with a {@link
     *     ContendedException} if others were faster for too long
     */
    public Pending<TxnResult> commit(long token, Txn txn) {
        Op inner = txn.asOp();
        return Pending.ofWrites(
                client, "fence.commit", Contest.win(client, "fence.commit", () -> commitOnce(token, inner)));
    }

    private CompletableFuture<Optional<TxnResult>> commitOnce(long token, Op inner) {
        return client.kv().get(key).thenCompose(found -> {
            Optional<KeyValue> before = found.first();
            long highest = before.map(this::token).orElse(0L);
            if (highest > token) {
                throw new FencedOffException(token, highest);
            }
            // A key that changes with every write would have all holders of one token contend.
            boolean isRaised = before.isEmpty() || highest < token;
            Txn guarded = client.kv()
                    .txn()
                    .when(Compare.modRevision(key)
                            .equalTo(before.map(KeyValue::modRevision).orElse(0L)))
                    .then(inner);
            if (isRaised) {
                guarded.then(Op.put(key, Bytes.of(Long.toString(token))));
            }
            return guarded.commit().thenApply(result -> {
                if (!result.succeeded()) {
                    return Optional.empty();
                }
                TxnResult done = (TxnResult) result.results().get(0);
                return Optional.of(new TxnResult(result.header(), done.succeeded(), done.results()));
            });
        });
    }

    private long token(KeyValue kv) {
        try {
            return Long.parseLong(kv.value().utf8());
        } catch (NumberFormatException e) {
            throw new BadCounterException(
                    "the value of " + key + " is no token: " + kv.value(),
                    "take another key for the fence; only fences may write it");
        }
    }
}
