package io.axolotl.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives each write its place in a session at the servers: a slot that nobody else uses until the write has ended, and the
 * slot's next number. The session is opened by the first write that needs it, and another one when the servers have
 * forgotten it. Writes beyond the number of slots wait for their turn.
 *
 * <p>Whether the servers have sessions is found out by asking for one. etcd's have not, and are asked every five minutes.
 *
 * <p>Safe for all threads. Takers are called outside of its monitor, and must not throw.
 */
final class Numbering {
    /** After the servers had no room, writes go without for so long before they are asked again. */
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** After they said that they have none: a proxy may have said so, or a member that was not replaced yet. */
    private static final long NOT_OFFERED_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** How long the servers are not asked for another slot after they had no room for one. */
    private static final long NO_SLOT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final String TOO_MANY = "etcdserver: too many sessions";

    private final Supplier<CompletableFuture<OpenedSession>> open;
    private final LongSupplier clock;

    /** In the order in which they came. */
    private final Set<Taker> waiting = new LinkedHashSet<>();

    private @Nullable Slots current;
    private boolean isOpening;

    /** Somebody is about to serve all for whom there is a place: whoever is told may give one back meanwhile. */
    private boolean isServing;

    private boolean isWithout;
    private long withoutUntilNanos;

    /** A session as the servers have opened it. Immutable. */
    record OpenedSession(Header header, long id, int slots) {}

    /** Who wants a place. */
    interface Taker {
        /** @param place null where the servers have no sessions, or no room for one now, or none for the slot */
        void take(@Nullable Place place);

        /** No session could be opened. */
        void failed(Throwable why);
    }

    /** The place of one write: all its attempts show the same. Immutable. */
    record Place(Slots slots, int slot, long sequence) {
        /** As the servers read it. */
        String mark() {
            return Long.toHexString(slots.id) + "." + slot + "." + sequence;
        }
    }

    /** The slots of one session. Guarded by the numbering's monitor. */
    static final class Slots {
        private final long id;
        private final int count;

        /** Those that have been used and are free, the last one on top: few slots are ever in use. */
        private final ArrayDeque<Integer> free = new ArrayDeque<>();

        /** Those for which the servers had no room; nobody takes one, nor one that was never used, until they are asked again. */
        private final List<Integer> refused = new ArrayList<>();

        private long refusedUntilNanos;

        /** The last number of each slot that has been used. */
        private final List<Long> last = new ArrayList<>();

        Slots(long id, int count) {
            this.id = id;
            this.count = count;
        }

        /** Whether the servers know no more slots than they do, for a while. */
        private boolean isFull(long nowNanos) {
            if (!refused.isEmpty() && nowNanos - refusedUntilNanos >= 0) {
                refused.forEach(free::addFirst);
                refused.clear();
            }
            return !refused.isEmpty();
        }

        private void full(int slot, long nowNanos) {
            refused.add(slot);
            refusedUntilNanos = nowNanos + NO_SLOT_NANOS;
        }

        private @Nullable Place take(long nowNanos) {
            boolean isFull = isFull(nowNanos);
            Integer slot = free.pollLast();
            if (slot == null) {
                if (isFull || last.size() >= count) {
                    return null;
                }
                slot = last.size();
                last.add(0L);
            }
            long sequence = last.get(slot) + 1;
            last.set(slot, sequence);
            return new Place(this, slot, sequence);
        }
    }

    /** Who waited, and what there is for it now. */
    private record Served(Taker taker, @Nullable Place place) {}

    /**
     * @param open asks the servers for a session; a {@link RefusedException} of {@link ErrorCode#UNIMPLEMENTED} says that they
     *     have none
     * @param clock monotonic nanoseconds
     */
    Numbering(Supplier<CompletableFuture<OpenedSession>> open, LongSupplier clock) {
        this.open = open;
        this.clock = clock;
    }

    /** Gives the taker a place, at once or when there is one. To be given back, by {@link #release}, when the write has ended. */
    void take(Taker taker) {
        boolean mustOpen = false;
        boolean mustWait = false;
        Place place;
        synchronized (this) {
            place = current == null ? null : current.take(clock.getAsLong());
            if (place == null && !goesWithout()) {
                mustWait = true;
                waiting.add(taker);
                mustOpen = mustOpen();
            }
        }
        if (!mustWait) {
            taker.take(place);
        } else if (mustOpen) {
            ask();
        }
    }

    /** The taker does not wait any longer. If it is about to be told, it is told all the same. */
    synchronized void leave(Taker taker) {
        waiting.remove(taker);
    }

    private boolean mustOpen() {
        if (current != null || isOpening || waiting.isEmpty()) {
            return false;
        }
        isOpening = true;
        return true;
    }

    private void goWithout(long nanos) {
        isWithout = true;
        withoutUntilNanos = clock.getAsLong() + nanos;
    }

    private boolean goesWithout() {
        long now = clock.getAsLong();
        return (current != null && current.isFull(now)) || (isWithout && now - withoutUntilNanos < 0);
    }

    private void ask() {
        var unused = open.get().whenComplete((opened, failure) -> {
            if (opened != null) {
                opened(opened);
                serve();
            } else {
                failed(failure);
            }
        });
    }

    private synchronized void opened(OpenedSession opened) {
        isOpening = false;
        isWithout = false;
        current = new Slots(opened.id(), opened.slots());
    }

    private void failed(@Nullable Throwable failure) {
        List<Taker> told;
        boolean goOnWithout = true;
        synchronized (this) {
            isOpening = false;
            if (failure instanceof RefusedException none && none.code() == ErrorCode.UNIMPLEMENTED) {
                goWithout(NOT_OFFERED_NANOS);
            } else if (failure instanceof RefusedException full && full.text().startsWith(TOO_MANY)) {
                goWithout(FULL_NANOS);
            } else {
                goOnWithout = false;
            }
            told = List.copyOf(waiting);
            waiting.clear();
        }
        boolean isWithoutNow = goOnWithout;
        Deliveries deliveries = new Deliveries();
        for (Taker taker : told) {
            deliveries.run(() -> {
                if (isWithoutNow) {
                    taker.take(null);
                } else {
                    taker.failed(Objects.requireNonNull(failure));
                }
            });
        }
        deliveries.end();
    }

    /** Whoever is told has all the others told too, though it throws: the first that did is thrown when all were. */
    private static final class Deliveries {
        private @Nullable RuntimeException thrown;

        void run(Runnable delivery) {
            try {
                delivery.run();
            } catch (RuntimeException e) {
                if (thrown == null) {
                    thrown = e;
                } else {
                    thrown.addSuppressed(e);
                }
            }
        }

        void end() {
            if (thrown != null) {
                throw thrown;
            }
        }
    }

    private void serve() {
        synchronized (this) {
            if (isServing) {
                return;
            }
            isServing = true;
        }
        Deliveries deliveries = new Deliveries();
        for (Served next = next(); next != null; next = next()) {
            Served served = next;
            deliveries.run(() -> served.taker.take(served.place));
        }
        deliveries.end();
    }

    private synchronized @Nullable Served next() {
        Iterator<Taker> first = waiting.iterator();
        long now = clock.getAsLong();
        Place place = first.hasNext() && current != null ? current.take(now) : null;
        boolean goesWithout = place == null && first.hasNext() && current != null && current.isFull(now);
        if (place == null && !goesWithout) {
            isServing = false;
            return null;
        }
        Served served = new Served(first.next(), place);
        first.remove();
        return served;
    }

    /** The write at this place has ended, however: the slot's next one says so to the servers. */
    void release(Place place) {
        synchronized (this) {
            if (place.slots != current) {
                return;
            }
            place.slots.free.add(place.slot);
        }
        serve();
    }

    /**
     * The servers had no room for the slot of this place, which is given back by this: for some seconds writes have those that
     * the servers know, and go without while none of them is free.
     */
    void full(Place place) {
        synchronized (this) {
            if (place.slots != current) {
                return;
            }
            place.slots.full(place.slot, clock.getAsLong());
        }
        serve();
    }

    /**
     * The session of this place is of no use any more, for the servers do not know it, or somebody else uses its numbers: the
     * next write opens another one.
     */
    void lost(Place place) {
        boolean mustOpen = false;
        synchronized (this) {
            if (place.slots == current) {
                current = null;
                mustOpen = mustOpen();
            }
        }
        if (mustOpen) {
            ask();
        }
    }
}
