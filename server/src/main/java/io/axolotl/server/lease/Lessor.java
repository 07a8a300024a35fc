package io.axolotl.server.lease;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.lease.LeaseTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When each lease ends, as the leader of one term sees it. Each lease is in one heap by its end, and in another by its next
 * checkpoint if it is long enough for one; a renewal moves only a number, and the heap is put right when the old place comes
 * up. So a renewal is cheap however many leases there are, and nothing grows but with the leases.
 *
 * <p>Times are nanoseconds of a clock that began at 0. Confined to one thread.
 */
final class Lessor {
    static final long NOT_LEADING = -1;

    private final long extendNanos;
    private final long checkpointEveryNanos;

    private long term = NOT_LEADING;
    private Map<Long, Timed> leases = new HashMap<>();
    private PriorityQueue<Timed> byEnd = emptyByEnd();
    private PriorityQueue<Timed> byCheckpoint = emptyByCheckpoint();
    private @Nullable LeaseTable reconciled;
    private long reconciledChanges;

    /** One lease and its times. */
    static final class Timed {
        final long id;
        final long grantIndex;
        final long ttlSeconds;
        private long endNanos;
        private long placeNanos;
        private long checkpointNanos;
        private long checkpointPlaceNanos;
        private boolean isEnding;
        private boolean isCheckpointed;
        private boolean isForgotten;

        Timed(Lease lease, long endNanos) {
            this.id = lease.id();
            this.grantIndex = lease.grantIndex();
            this.ttlSeconds = lease.ttlSeconds();
            this.endNanos = endNanos;
            this.placeNanos = endNanos;
            this.isCheckpointed = lease.remainingSeconds() > 0;
        }

        /** Whether its expiry has been proposed. */
        boolean isEnding() {
            return isEnding;
        }

        /** Whether less than the whole TTL is on record as left, or may soon be. */
        boolean isCheckpointed() {
            return isCheckpointed;
        }

        void checkpointTakenBack() {
            isCheckpointed = false;
        }

        long remainingNanos(long nowNanos) {
            return endNanos - nowNanos;
        }
    }

    /**
     * @param extendNanos a new leader gives every lease so much more
     * @param checkpointEveryNanos what is left of a lease is written down this often while it is more than this
     */
    Lessor(long extendNanos, long checkpointEveryNanos) {
        this.extendNanos = extendNanos;
        this.checkpointEveryNanos = checkpointEveryNanos;
    }

    private static PriorityQueue<Timed> emptyByEnd() {
        return new PriorityQueue<>(Comparator.comparingLong((Timed timed) -> timed.placeNanos));
    }

    private static PriorityQueue<Timed> emptyByCheckpoint() {
        return new PriorityQueue<>(Comparator.comparingLong((Timed timed) -> timed.checkpointPlaceNanos));
    }

    /** The term that this keeps the time for, or {@link #NOT_LEADING}. */
    long term() {
        return term;
    }

    boolean isLeading() {
        return term != NOT_LEADING;
    }

    /** Begins: every lease has its TTL, or what was written down as left, and the extension. */
    void lead(long newTerm, LeaseTable table, long nowNanos) {
        stepDown();
        term = newTerm;
        table.all().forEach(lease -> begin(lease, nowNanos, extendNanos));
    }

    void stepDown() {
        term = NOT_LEADING;
        leases = new HashMap<>();
        byEnd = emptyByEnd();
        byCheckpoint = emptyByCheckpoint();
        reconciled = null;
    }

    /** Takes in what was granted, and lets go of what ended, since it last did. Cheap if nothing has changed. */
    void reconcile(LeaseTable table, long nowNanos) {
        // Read first: what changes from here on is seen the next time.
        long changes = table.changes();
        if (table == reconciled && changes == reconciledChanges) {
            return;
        }
        List<Timed> gone = new ArrayList<>();
        for (Timed timed : leases.values()) {
            Lease now = table.find(timed.id);
            if (now == null || now.grantIndex() != timed.grantIndex) {
                gone.add(timed);
            }
        }
        gone.forEach(this::forget);
        for (Lease lease : table.all()) {
            if (!leases.containsKey(lease.id())) {
                begin(lease, nowNanos, 0);
            }
        }
        reconciled = table;
        reconciledChanges = changes;
        sweep();
    }

    private Timed begin(Lease lease, long nowNanos, long moreNanos) {
        long seconds = lease.remainingSeconds() > 0 ? lease.remainingSeconds() : lease.ttlSeconds();
        Timed timed = new Timed(lease, after(nowNanos, seconds, moreNanos));
        leases.put(lease.id(), timed);
        byEnd.add(timed);
        if (TimeUnit.SECONDS.toNanos(lease.ttlSeconds()) > checkpointEveryNanos) {
            timed.checkpointNanos = nowNanos + checkpointEveryNanos;
            timed.checkpointPlaceNanos = timed.checkpointNanos;
            byCheckpoint.add(timed);
        }
        return timed;
    }

    /** The largest TTL is not far below what a long holds. */
    private static long after(long nowNanos, long seconds, long moreNanos) {
        long end = nowNanos + TimeUnit.SECONDS.toNanos(seconds) + moreNanos;
        return end < 0 ? Long.MAX_VALUE : end;
    }

    /** What ended otherwise stays in the heaps until its time; but not if it is most of what is there. */
    private void sweep() {
        if (byEnd.size() > 2 * leases.size() + 1_000) {
            byEnd.removeIf(timed -> timed.isForgotten);
        }
        if (byCheckpoint.size() > 2 * leases.size() + 1_000) {
            byCheckpoint.removeIf(timed -> timed.isForgotten);
        }
    }

    /** The times of a lease, which begin now if it has none yet. */
    Timed timed(Lease lease, long nowNanos) {
        Timed known = leases.get(lease.id());
        if (known != null && known.grantIndex == lease.grantIndex()) {
            return known;
        }
        if (known != null) {
            forget(known);
        }
        return begin(lease, nowNanos, 0);
    }

    /** Gives a lease its whole TTL again. */
    void renew(Timed timed, long nowNanos) {
        timed.endNanos = after(nowNanos, timed.ttlSeconds, 0);
        timed.checkpointNanos = nowNanos + checkpointEveryNanos;
    }

    /** Takes out up to {@code max} leases that have run out; each is ending until {@link #forget} or {@link #endLater}. */
    List<Timed> takeExpired(long nowNanos, int max) {
        List<Timed> expired = new ArrayList<>();
        while (expired.size() < max) {
            Timed first = byEnd.peek();
            if (first == null || first.placeNanos > nowNanos) {
                break;
            }
            byEnd.remove();
            if (first.isForgotten || first.isEnding) {
                continue;
            }
            if (first.endNanos > nowNanos) {
                first.placeNanos = first.endNanos;
                byEnd.add(first);
            } else {
                first.isEnding = true;
                expired.add(first);
            }
        }
        return expired;
    }

    /** The expiry did not come about; it is tried again later. */
    void endLater(Timed timed, long atNanos) {
        timed.isEnding = false;
        timed.placeNanos = atNanos;
        byEnd.add(timed);
    }

    void forget(Timed timed) {
        timed.isForgotten = true;
        leases.remove(timed.id, timed);
    }

    /** What is to be written down of up to {@code max} leases. They count as checkpointed from here on. */
    List<Command.LeaseCheckpoint> takeDueCheckpoints(long nowNanos, int max) {
        List<Command.LeaseCheckpoint> due = new ArrayList<>();
        while (due.size() < max) {
            Timed first = byCheckpoint.peek();
            if (first == null || first.checkpointPlaceNanos > nowNanos) {
                break;
            }
            byCheckpoint.remove();
            if (first.isForgotten || first.isEnding) {
                continue;
            }
            if (first.checkpointNanos <= nowNanos) {
                first.checkpointNanos = nowNanos + checkpointEveryNanos;
                long leftSeconds = secondsUp(first.remainingNanos(nowNanos));
                if (leftSeconds > 0 && leftSeconds < first.ttlSeconds) {
                    first.isCheckpointed = true;
                    due.add(new Command.LeaseCheckpoint(first.id, first.grantIndex, leftSeconds));
                }
            }
            first.checkpointPlaceNanos = first.checkpointNanos;
            byCheckpoint.add(first);
        }
        return due;
    }

    /** Rounded up: rounding must not cost a lease a part of its time. */
    private static long secondsUp(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos) + (nanos % TimeUnit.SECONDS.toNanos(1) > 0 ? 1 : 0);
    }
}
