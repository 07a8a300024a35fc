package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.PutOptions;
import io.axolotl.client.TxnResult;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Has a number of processes begin together and end together, round after round. {@link #enter} ends when so many are there;
 * {@link Round#leave} ends when all of them have left.
 *
 * <pre>
 * PREFIX/in/LEASE    somebody who has come and not left; hangs on a lease
 * PREFIX/ready       all have come: a round is under way until nobody of it is in
 * </pre>
 *
 * <p>Who dies, or is cut off for longer than its lease lives, counts as one that has left; before the round has begun another one
 * can take its place. Who comes while a round is under way waits for the next. All must agree on prefix and number. Safe for all
 * threads.
 */
public final class DoubleBarrier {
    private final AxolotlClient client;
    private final KeyRange whole;
    private final KeyRange in;
    private final Bytes inPrefix;
    private final Bytes ready;
    private final int parties;

    /**
     * @param prefix under which there are no other keys
     * @param parties how many are to come, 1 at least
     */
    public DoubleBarrier(AxolotlClient client, Bytes prefix, int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException("a barrier for " + parties + " parties; at least 1 is needed");
        }
        this.client = client;
        this.parties = parties;
        this.whole = KeyRange.prefix(prefix.plus("/"));
        this.inPrefix = prefix.plus("/in/");
        this.in = KeyRange.prefix(inPrefix);
        this.ready = prefix.plus("/ready");
    }

    /**
     * Comes, and waits until all have, for as long as that takes; to give up, cancel.
     *
     * @param ttlSeconds after how long the others do without this process when it is gone
     * @param listener hears early when the lease is in danger
     */
    public Pending<Round> enter(long ttlSeconds, KeptLease.Listener listener) {
        CompletableFuture<Round> entered = new CompletableFuture<>();
        Pending<Round> pending = Pending.ofWrites(client, "doubleBarrier.enter", entered);
        var unused = Leasing.keep(client, ttlSeconds, listener).whenComplete((lease, failure) -> {
            if (lease == null) {
                entered.completeExceptionally(failure);
                return;
            }
            var unusedToo = entered.whenComplete((round, given) -> {
                if (round == null) {
                    lease.close();
                }
            });
            Bytes mine = inPrefix.plus(Long.toHexString(lease.id()));
            CompletableFuture<Round> coming =
                    Lookout.until(client, whole, event -> true, () -> look(lease, mine), round -> lease.close());
            var unusedStill = entered.whenComplete((round, given) -> coming.cancel(true));
            var unusedLast = coming.whenComplete((round, trouble) -> {
                if (round == null) {
                    entered.completeExceptionally(trouble);
                } else {
                    entered.complete(round);
                }
            });
        });
        return pending;
    }

    /** Comes if there is room in this round, and sees whether all are there. */
    private CompletableFuture<Lookout.Look<Round>> look(KeptLease lease, Bytes mine) {
        return client.kv()
                .txn()
                .then(Op.get(KeyRange.single(ready)), new Op.Get(in, GetOptions.DEFAULT.withKeysOnly(true)))
                .commit()
                .thenCompose(result -> {
                    long revision = result.header().revision();
                    Optional<KeyValue> begun = ((GetResult) result.results().get(0)).first();
                    GetResult those = (GetResult) result.results().get(1);
                    Optional<KeyValue> me = those.kvs().stream()
                            .filter(kv -> kv.key().equals(mine))
                            .findFirst();
                    if (me.isEmpty()) {
                        return come(lease, mine, begun, those, revision);
                    }
                    if (begun.isPresent()) {
                        return CompletableFuture.completedFuture(new Lookout.Look<>(
                                Optional.of(new Round(mine, lease, begun.get().modRevision())), revision));
                    }
                    return those.count() < parties ? nothingYet(revision) : begin(me.get());
                });
    }

    private static CompletableFuture<Lookout.Look<Round>> nothingYet(long revision) {
        return CompletableFuture.completedFuture(new Lookout.Look<>(Optional.empty(), revision));
    }

    /**
     * The mark of a round that nobody is in any more goes with the first who comes. All that was seen must still be so: who comes never
     * is one too many.
     */
    private CompletableFuture<Lookout.Look<Round>> come(
            KeptLease lease, Bytes mine, Optional<KeyValue> begun, GetResult those, long revision) {
        boolean isUnderWay = begun.isPresent() && those.count() != 0;
        if (isUnderWay || those.count() >= parties) {
            return nothingYet(revision);
        }
        Op put = new Op.Put(mine, Bytes.EMPTY, PutOptions.DEFAULT.withLease(lease.id()));
        return client.kv()
                .txn()
                .when(
                        Compare.modRevision(ready)
                                .equalTo(begun.map(KeyValue::modRevision).orElse(0L)),
                        // Nobody has come since.
                        new Compare.OfNumber(in, Compare.Target.CREATE).is(Compare.Relation.LESS, revision + 1))
                .then(Op.delete(KeyRange.single(ready)), put)
                .commit()
                // Not awaited here: the next look sees what there is.
                .thenApply(done -> new Lookout.Look<>(Optional.empty(), revision));
    }

    private CompletableFuture<Lookout.Look<Round>> begin(KeyValue me) {
        return client.kv()
                .txn()
                .when(
                        Compare.createRevision(ready).equalTo(0),
                        Compare.createRevision(me.key()).equalTo(me.createRevision()))
                .then(Op.put(ready, Bytes.EMPTY))
                .commit()
                .thenApply((TxnResult done) -> new Lookout.Look<>(Optional.empty(), me.createRevision()));
    }

    /** Part in a round. Safe for all threads. */
    public final class Round {
        private final Bytes mine;
        private final KeptLease lease;
        private final long begun;

        private Round(Bytes mine, KeptLease lease, long begun) {
            this.mine = mine;
            this.lease = lease;
            this.begun = begun;
        }

        /** The revision at which all had come: the same for all of a round, larger for each. */
        public long number() {
            return begun;
        }

        /** On which this part hangs. */
        public KeptLease lease() {
            return lease;
        }

        /**
         * Leaves, and waits until all have, for as long as that takes; to give up, cancel: this part has left then all the same.
         *
         * @return a revision at which nobody of this round was in
         */
        public Pending<Long> leave() {
            lease.close();
            return Pending.ofWrites(
                    client,
                    "doubleBarrier.leave",
                    client.kv()
                            .delete(KeyRange.single(mine))
                            .thenCompose(gone -> Lookout.until(
                                    client, in, event -> event.isDelete(), this::lookForOthers, revision -> {})));
        }

        /** Who has come to a later round was created after the beginning of this one. */
        private CompletableFuture<Lookout.Look<Long>> lookForOthers() {
            return client.kv().get(in, GetOptions.DEFAULT.withKeysOnly(true)).thenApply(those -> {
                long revision = those.header().revision();
                boolean isAnyLeft = those.kvs().stream().anyMatch(kv -> kv.createRevision() < begun);
                return new Lookout.Look<>(isAnyLeft ? Optional.empty() : Optional.of(revision), revision);
            });
        }
    }
}
