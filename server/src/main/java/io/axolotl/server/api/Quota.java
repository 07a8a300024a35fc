package io.axolotl.server.api;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Refuses writes that add data when the store would outgrow its quota (QU-1, QU-3). The size of the store is asked for a
 * few times a second; in between, the estimated cost of what was let through counts as if it were stored already.
 *
 * <p>The refusal lasts as long as the store is too large. etcd also raises an alarm that stays until an operator disarms
 * it (QU-2); alarms are replicated state and arrive with the alarm service.
 *
 * <p>Safe for all threads.
 */
final class Quota {
    /** etcd's estimate of what a key costs beside its bytes. */
    private static final long PER_KEY_BYTES = 256;

    /** etcd's estimate of what a lease costs. */
    private static final long LEASE_BYTES = 64;

    private static final long REFRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final StoreReader store;
    private final long limitBytes;
    private final LongSupplier nanoTime;
    private final AtomicLong admittedBytes = new AtomicLong();
    private volatile long storeBytes;
    private volatile long refreshedNanos;

    /** @param limitBytes most bytes of the store; negative switches the quota off */
    Quota(StoreReader store, long limitBytes, LongSupplier nanoTime) {
        this.store = store;
        this.limitBytes = limitBytes;
        this.nanoTime = nanoTime;
        refresh(nanoTime.getAsLong());
    }

    long limitBytes() {
        return limitBytes;
    }

    boolean admits(Command.Put put) {
        return admitsBytes(costBytes(put));
    }

    /** Whether a lease may be granted. */
    boolean admitsLease() {
        return admitsBytes(LEASE_BYTES);
    }

    /** A transaction without puts is always let through: it may be the one that frees space. */
    boolean admits(Command.Txn txn) {
        long cost = costBytes(txn);
        return cost == 0 || admitsBytes(cost);
    }

    private boolean admitsBytes(long cost) {
        if (limitBytes < 0) {
            return true;
        }
        long now = nanoTime.getAsLong();
        if (now - refreshedNanos > REFRESH_NANOS) {
            refresh(now);
        }
        if (storeBytes + admittedBytes.get() + cost >= limitBytes) {
            return false;
        }
        admittedBytes.addAndGet(cost);
        return true;
    }

    private void refresh(long now) {
        refreshedNanos = now;
        try {
            long bytes = store.read(KvStateMachine::sizeBytes);
            admittedBytes.set(0);
            storeBytes = bytes;
        } catch (RequestRefused stopping) {
            // The last known size serves until the end.
            return;
        }
    }

    private static long costBytes(Command.Put put) {
        return PER_KEY_BYTES + put.key().length + put.value().length;
    }

    /** The larger branch; nested transactions count in the branch that holds them. */
    private static long costBytes(Command.Txn txn) {
        return Math.max(costBytes(txn.success()), costBytes(txn.failure()));
    }

    private static long costBytes(List<Command.Op> ops) {
        long cost = 0;
        for (Command.Op op : ops) {
            if (op instanceof Command.Put put) {
                cost += costBytes(put);
            } else if (op instanceof Command.Txn txn) {
                cost += costBytes(txn);
            }
        }
        return cost;
    }
}
