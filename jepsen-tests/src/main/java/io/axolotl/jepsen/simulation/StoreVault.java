package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.SnapshotMetadata;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one machine keeps of its state machine through crashes: the live store as of its last flush, and complete
 * snapshots. What production's live folder and snapshot folder hold; a snapshot that was not finished is never in here.
 *
 * <p>Confined to the simulation's thread.
 */
final class StoreVault {
    /** A snapshot with all its files. Immutable. */
    record Stored(SnapshotMetadata metadata, SimulatedEngine.Image image) {}

    /** As production keeps them: one may still be on its way to a peer while the next is taken. */
    private static final int KEPT = 2;

    private final TreeMap<Long, Stored> snapshots = new TreeMap<>();
    private SimulatedEngine.Image live = SimulatedEngine.Image.EMPTY;

    SimulatedEngine.Image live() {
        return live;
    }

    /** The live store is durable in this state. */
    void live(SimulatedEngine.Image image) {
        live = image;
    }

    void add(Stored snapshot) {
        snapshots.put(snapshot.metadata().last().index(), snapshot);
        while (snapshots.size() > KEPT) {
            snapshots.pollFirstEntry();
        }
    }

    @Nullable Stored newest() {
        Map.Entry<Long, Stored> last = snapshots.lastEntry();
        return last == null ? null : last.getValue();
    }

    /** The snapshot that ends where {@code metadata} ends, or null if it is not kept any more. */
    @Nullable Stored find(SnapshotMetadata metadata) {
        Stored found = snapshots.get(metadata.last().index());
        return found != null && found.metadata().equals(metadata) ? found : null;
    }
}
