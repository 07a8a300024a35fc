package io.axolotl.storage.lease;

import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.WriteTxn;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The leases as a run sees them: those of the table, and what the run itself has done. Puts every change into the run's
 * write and into the rolling digest.
 *
 * <p>Confined to the apply thread.
 */
public final class LeaseChanges {
    private final LeaseTable before;
    private final WriteTxn txn;

    /** By id; empty for one that has ended. */
    private final Map<Long, Optional<Lease>> changed = new TreeMap<>();

    public LeaseChanges(LeaseTable before, WriteTxn txn) {
        this.before = before;
        this.txn = txn;
    }

    @Nullable Lease find(long id) {
        Optional<Lease> own = changed.get(id);
        return own == null ? before.find(id) : own.orElse(null);
    }

    /** PU-2: whether a key may hang on it. */
    public boolean exists(long id) {
        return find(id) != null;
    }

    void put(Lease lease) {
        changed.put(lease.id(), Optional.of(lease));
        txn.putMeta(MetaKeys.lease(lease.id()), lease.encode());
        txn.fold(lease.id());
        txn.fold(lease.grantIndex());
        txn.fold(lease.ttlSeconds());
        txn.fold(lease.remainingSeconds());
    }

    void remove(Lease lease) {
        changed.put(lease.id(), Optional.empty());
        txn.deleteMeta(MetaKeys.lease(lease.id()));
        txn.fold(lease.id());
    }

    Map<Long, Optional<Lease>> changed() {
        return changed;
    }
}
