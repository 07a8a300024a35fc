package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Hold;
import io.axolotl.client.Pending;
import io.axolotl.client.Txn;
import io.axolotl.client.TxnResult;

/**
 * Writes that are applied only while a lock or a leadership is held. Whether it is held is decided where the write is applied, so
 * a process that was paused for longer than its lease has lived, or whose write was on its way for that long, changes nothing.
 *
 * <p>For what is kept elsewhere than in the cluster that holds the lock there is {@link Fence}. Safe for all threads.
 */
public final class Guarded {
    private final AxolotlClient client;
    private final Hold hold;

    /** @param client of the cluster in which it is held */
    public Guarded(AxolotlClient client, Hold hold) {
        this.client = client;
        this.hold = hold;
    }

    /**
     * Runs a transaction under the hold, as one transaction.
     *
     * @param txn not committed by itself; may have conditions of its own
     * @return which way it went. Fails with a {@link HoldLostException} if it is held no more
     */
    public Pending<TxnResult> commit(Txn txn) {
        return Pending.ofWrites(
                client,
                "guarded.commit",
                client.kv().txn().when(hold.guard()).then(txn.asOp()).commit().thenApply(result -> {
                    if (!result.succeeded()) {
                        throw new HoldLostException(hold.key().toString());
                    }
                    TxnResult inner = (TxnResult) result.results().get(0);
                    return new TxnResult(result.header(), inner.succeeded(), inner.results());
                }));
    }
}
