package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.PutOptions;
import io.axolotl.client.RefusedException;
import io.axolotl.client.TxnResult;
import io.axolotl.client.UnknownOutcomeException;
import io.axolotl.client.WatchEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One who takes items from a {@link FifoQueue}. What it has claimed hangs on its lease, which is renewed until it is closed.
 *
 * <p>Safe for all threads: any number of items may be taken and worked on at once.
 */
public final class QueueConsumer implements AutoCloseable {
    /** Items that are looked at at once. */
    private static final int PAGE = 64;

    private final FifoQueue queue;
    private final AxolotlClient client;
    private final KeptLease lease;

    /** The marks of claims that are held or being made. Any other that hangs on the lease nobody knows of. */
    private final Set<Bytes> live = ConcurrentHashMap.newKeySet();

    private final AtomicLong takes = new AtomicLong();

    QueueConsumer(FifoQueue queue, KeptLease lease) {
        this.queue = queue;
        this.client = queue.client();
        this.lease = lease;
    }

    /** On which all claims of this consumer hang. */
    public KeptLease lease() {
        return lease;
    }

    /**
     * Claims the first item that nobody has, and waits for one as long as that takes; to give up, cancel: an item that is claimed just then is
     * given back.
     *
     * @return fails with a {@link ConsumerEndedException} when the consumer is closed or its lease is lost
     */
    public Pending<Claim> take() {
        Bytes mark = nextMark();
        CompletableFuture<Claim> taken = Lookout.until(
                client, queue.whole(), this::isItemFree, () -> looked(mark, queue.items()), this::giveBack);
        var unused = taken.whenComplete((claim, failure) -> ended(mark, claim));
        return Pending.ofWrites(client, "queue.take", taken);
    }

    /** As {@link #take}, but does not wait: empty if there is no item that nobody has. */
    public Pending<Optional<Claim>> poll() {
        Bytes mark = nextMark();
        CompletableFuture<Optional<Claim>> polled = Handover.of(
                looked(mark, queue.items()).thenApply(look -> look.found()), claim -> claim.ifPresent(this::giveBack));
        var unused = polled.whenComplete((claim, failure) -> ended(mark, claim == null ? null : claim.orElse(null)));
        return Pending.ofWrites(client, "queue.poll", polled);
    }

    private Bytes nextMark() {
        Bytes mark = Bytes.of(Long.toHexString(lease.id()) + "-" + takes.incrementAndGet());
        live.add(mark);
        return mark;
    }

    /** A take that has got nothing: if a claim was made for it after all, the next look gives it back. */
    private void ended(Bytes mark, @Nullable Claim claim) {
        if (claim == null) {
            live.remove(mark);
        }
    }

    private void giveBack(Claim claim) {
        var unused = claim.giveBack();
    }

    void forget(Bytes mark) {
        live.remove(mark);
    }

    private boolean isItemFree(WatchEvent event) {
        return event.isDelete()
                ? event.kv().key().startsWith(queue.claims())
                : event.kv().key().startsWith(queue.items());
    }

    private CompletableFuture<Lookout.Look<Claim>> looked(Bytes mark, Bytes after) {
        CompletableFuture<Lookout.Look<Claim>> looked = new CompletableFuture<>();
        var unused = look(mark, after).whenComplete((look, failure) -> {
            if (failure == null) {
                looked.complete(look);
                return;
            }
            Throwable cause = cause(failure);
            // The servers refuse a claim on a lease that is gone.
            boolean isEnded = lease.left().isZero()
                    || (cause instanceof RefusedException refused && refused.code() == ErrorCode.NOT_FOUND);
            looked.completeExceptionally(isEnded ? new ConsumerEndedException() : cause);
        });
        return looked;
    }

    /**
     * Looks for an item that nobody has among the next ones, and claims it.
     *
     * @param after the key after which they lie
     */
    private CompletableFuture<Lookout.Look<Claim>> look(Bytes mark, Bytes after) {
        if (lease.left().isZero()) {
            return CompletableFuture.failedFuture(new ConsumerEndedException());
        }
        Bytes end = KeyRange.prefix(queue.items()).end();
        return client.kv()
                .txn()
                .then(
                        new Op.Get(
                                KeyRange.between(after, end),
                                GetOptions.DEFAULT.withLimit(PAGE).withKeysOnly(true)),
                        Op.get(KeyRange.prefix(queue.claims())))
                .commit()
                .thenCompose(result -> {
                    GetResult items = (GetResult) result.results().get(0);
                    GetResult claims = (GetResult) result.results().get(1);
                    long revision = result.header().revision();
                    Set<String> claimed = new HashSet<>();
                    for (KeyValue claim : claims.kvs()) {
                        claimed.add(name(claim.key(), queue.claims()));
                    }
                    Deque<KeyValue> free = new ArrayDeque<>(items.kvs());
                    free.removeIf(item -> claimed.contains(name(item.key(), queue.items())));
                    return dropStray(claims).thenCompose(isAnyDropped -> {
                        if (isAnyDropped) {
                            return look(mark, queue.items());
                        } else if (!free.isEmpty()) {
                            return claimOneOf(mark, free);
                        } else if (items.more()) {
                            KeyValue last = items.kvs().get(items.kvs().size() - 1);
                            return look(mark, last.key().plus("\0"));
                        }
                        return CompletableFuture.completedFuture(new Lookout.Look<>(Optional.empty(), revision));
                    });
                });
    }

    private static String name(Bytes key, Bytes under) {
        return key.slice(under.size(), key.size()).utf8();
    }

    /**
     * A claim whose answer never came, for a take that was given up since, would keep its item for as long as this consumer lives.
     *
     * @return whether there was one
     */
    private CompletableFuture<Boolean> dropStray(GetResult claims) {
        for (KeyValue claim : claims.kvs()) {
            if (claim.lease() == lease.id() && !live.contains(claim.value())) {
                return client.kv()
                        .txn()
                        .when(Compare.createRevision(claim.key()).equalTo(claim.createRevision()))
                        .then(Op.delete(KeyRange.single(claim.key())))
                        .commit()
                        .thenApply(done -> true);
            }
        }
        return CompletableFuture.completedFuture(false);
    }

    /** Claims the first that nobody has claimed meanwhile; if all are, looks anew. */
    private CompletableFuture<Lookout.Look<Claim>> claimOneOf(Bytes mark, Deque<KeyValue> free) {
        KeyValue item = free.poll();
        if (item == null) {
            return look(mark, queue.items());
        }
        Bytes claim = queue.claims().plus(name(item.key(), queue.items()));
        return claimed(item, claim, mark).thenCompose(result -> {
            long revision = result.header().revision();
            if (result.succeeded()) {
                GetResult found = (GetResult) result.results().get(1);
                return got(
                        new Claim(
                                this,
                                item.key(),
                                claim,
                                mark,
                                found.kvs().get(0).value(),
                                revision),
                        revision);
            }
            Optional<KeyValue> holder = ((GetResult) result.results().get(0)).first();
            Optional<KeyValue> still = ((GetResult) result.results().get(1)).first();
            if (holder.isPresent() && holder.get().value().equals(mark) && still.isPresent()) {
                // An earlier attempt of this very claim was applied, and its answer was lost.
                return got(
                        new Claim(
                                this,
                                item.key(),
                                claim,
                                mark,
                                still.get().value(),
                                holder.get().createRevision()),
                        revision);
            }
            return claimOneOf(mark, free);
        });
    }

    private static CompletableFuture<Lookout.Look<Claim>> got(Claim claim, long revision) {
        return CompletableFuture.completedFuture(new Lookout.Look<>(Optional.of(claim), revision));
    }

    /** The mark tells a repeat from others' claims, so that one whose answer was lost is asked again, once. */
    private CompletableFuture<TxnResult> claimed(KeyValue item, Bytes claim, Bytes mark) {
        return claimOnce(item, claim, mark)
                .exceptionallyCompose(failure -> cause(failure) instanceof UnknownOutcomeException
                        ? claimOnce(item, claim, mark)
                        : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<TxnResult> claimOnce(KeyValue item, Bytes claim, Bytes mark) {
        return client.kv()
                .txn()
                .when(
                        Compare.createRevision(item.key()).equalTo(item.createRevision()),
                        Compare.createRevision(claim).equalTo(0))
                .then(
                        new Op.Put(claim, mark, PutOptions.DEFAULT.withLease(lease.id())),
                        Op.get(KeyRange.single(item.key())))
                .otherwise(Op.get(KeyRange.single(claim)), Op.get(KeyRange.single(item.key())))
                .commit();
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    AxolotlClient client() {
        return client;
    }

    /**
     * Gives all back that is not done, without waiting for it, and takes nothing more. Calling it again does nothing.
     */
    @Override
    public void close() {
        lease.close();
    }
}
