package io.axolotl.storage.disk;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;

/**
 * Knows which disk operations are running now and since when. A disk that hangs does not return, so it can be measured
 * only from another thread while it hangs (design part 5, pitfall 25).
 *
 * <p>Up to {@value #SLOTS} operations are tracked at once; more than that go unseen, which does not matter to the age
 * of the oldest. Safe for all threads, without locks.
 */
public final class DiskMonitor {
    private static final int SLOTS = 64;
    private static final long FREE = Long.MIN_VALUE;

    /** What begin answers when all slots are taken. */
    private static final int UNTRACKED = -1;

    private final LongSupplier nanoClock;
    private final AtomicLongArray startNanos = new AtomicLongArray(SLOTS);
    private final AtomicReferenceArray<String> descriptions = new AtomicReferenceArray<>(SLOTS);

    public DiskMonitor() {
        this(System::nanoTime);
    }

    /** @param nanoClock monotonic, arbitrary origin */
    public DiskMonitor(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        for (int slot = 0; slot < SLOTS; slot++) {
            startNanos.set(slot, FREE);
        }
    }

    /**
     * One operation that has not returned yet.
     *
     * @param description operation and path
     * @param ageNanos time since it began
     */
    public record Running(String description, long ageNanos) {}

    /** The operation that has been running longest, if any is running. */
    public Optional<Running> oldest() {
        long now = nanoClock.getAsLong();
        Optional<Running> oldest = Optional.empty();
        for (int slot = 0; slot < SLOTS; slot++) {
            long start = startNanos.get(slot);
            String description = descriptions.get(slot);
            if (start != FREE && description != null) {
                long age = Math.max(0, now - start);
                if (oldest.isEmpty() || age > oldest.get().ageNanos()) {
                    oldest = Optional.of(new Running(description, age));
                }
            }
        }
        return oldest;
    }

    /** Age of the operation that has been running longest, 0 if none is running. */
    public long oldestRunningNanos() {
        return oldest().map(Running::ageNanos).orElse(0L);
    }

    /** @return a ticket for {@link #end} */
    int begin(String description) {
        long now = nanoClock.getAsLong();
        long start = now == FREE ? now + 1 : now;
        int first = (int) Thread.currentThread().getId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = Math.floorMod(first + i, SLOTS);
            if (startNanos.compareAndSet(slot, FREE, start)) {
                descriptions.set(slot, description);
                return slot;
            }
        }
        return UNTRACKED;
    }

    void end(int ticket) {
        if (ticket != UNTRACKED) {
            descriptions.set(ticket, null);
            startNanos.set(ticket, FREE);
        }
    }
}
