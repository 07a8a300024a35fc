package io.axolotl.storage.lease;

import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.MetaKeys;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All leases as of the last run that was applied.
 *
 * <p>Changed on the apply thread by {@link #take} alone; everything else is safe for all threads.
 */
public final class LeaseTable {
    private final Map<Long, Lease> leases = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();

    /** Since this table was read, for metrics. */
    private final AtomicLong granted = new AtomicLong();

    private final AtomicLong ended = new AtomicLong();

    private LeaseTable() {}

    /** Reads what an engine holds. */
    public static LeaseTable read(KvEngine engine) {
        LeaseTable table = new LeaseTable();
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.leasesFrom(), MetaKeys.leasesTo())) {
            while (cursor.next()) {
                long id = MetaKeys.leaseIdOf(cursor.key());
                table.leases.put(id, Lease.decode(id, cursor.value()));
            }
        }
        return table;
    }

    public @Nullable Lease find(long id) {
        return leases.get(id);
    }

    public int size() {
        return leases.size();
    }

    /** In no order; what is granted or ends meanwhile may show or not. */
    public Collection<Lease> all() {
        return Collections.unmodifiableCollection(leases.values());
    }

    /** Grows with every run that changed a lease: equal numbers mean equal leases. */
    public long changes() {
        return changes.get();
    }

    /** How many were granted since this table was read. */
    public long granted() {
        return granted.get();
    }

    /** How many were revoked or ran out since this table was read. */
    public long ended() {
        return ended.get();
    }

    /** Shows the changes of a run that has been written. */
    public void take(LeaseChanges run) {
        if (run.changed().isEmpty()) {
            return;
        }
        long newlyGranted = 0;
        long newlyEnded = 0;
        for (Map.Entry<Long, Optional<Lease>> entry : run.changed().entrySet()) {
            Optional<Lease> after = entry.getValue();
            Lease before = after.isPresent() ? leases.put(entry.getKey(), after.get()) : leases.remove(entry.getKey());
            newlyGranted += after.isPresent() && before == null ? 1 : 0;
            newlyEnded += after.isEmpty() && before != null ? 1 : 0;
        }
        granted.addAndGet(newlyGranted);
        ended.addAndGet(newlyEnded);
        changes.incrementAndGet();
    }
}
