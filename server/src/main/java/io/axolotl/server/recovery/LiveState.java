package io.axolotl.server.recovery;

import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.snapshot.LiveStore;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.nio.file.Path;
import java.util.List;

/**
 * The state machine's place on disk: opens it, makes snapshots of it, and puts a snapshot in its place. A snapshot never
 * edits the live database; it becomes another one, and a pointer is swung (design D9).
 *
 * <p>{@link #install} is confined to the apply thread, {@link #makeSnapshot} and {@link #retire} to the worker.
 */
public final class LiveState {
    private final LiveStore liveStore;
    private final SnapshotStore snapshots;
    private final EngineOpener engines;
    private final Membership foundingMembership;
    private final List<MemberAttributes> founders;

    /** @param founders what an empty state begins with, the same on every founder */
    LiveState(
            LiveStore liveStore,
            SnapshotStore snapshots,
            EngineOpener engines,
            Membership foundingMembership,
            List<MemberAttributes> founders) {
        this.liveStore = liveStore;
        this.snapshots = snapshots;
        this.engines = engines;
        this.foundingMembership = foundingMembership;
        this.founders = List.copyOf(founders);
    }

    KvStateMachine open() {
        return open(liveStore.current());
    }

    private KvStateMachine open(Path folder) {
        return KvStateMachine.open(engines.open(folder), foundingMembership, founders);
    }

    /** Makes a complete snapshot that is here the live state, durably. The old one may still be open. */
    public KvStateMachine install(SnapshotMetadata wanted) {
        Snapshot found = snapshots
                .open(wanted.last())
                .orElseThrow(() -> new IllegalStateException(
                        "snapshot " + wanted.last() + " is to be installed, but it is not here"));
        try (Snapshot snapshot = found) {
            return open(liveStore.install(snapshot));
        }
    }

    /** Closes a state that another one has replaced, once its readers have left, and gives its room back. */
    public void retire(KvStateMachine old) {
        old.close();
        liveStore.deleteOthers();
    }

    /** Makes a snapshot of the state, complete and durable, and lets go of older ones that nobody is being sent. */
    public SnapshotMetadata makeSnapshot(KvStateMachine state) {
        try (Snapshot made = snapshots.create(state)) {
            snapshots.deleteOlderThanNewest(1);
            return made.manifest().metadata();
        }
    }
}
