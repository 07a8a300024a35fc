package io.axolotl.server.recovery;

import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.snapshot.LiveStore;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine's place on disk: opens it, makes snapshots of it, and puts a snapshot in its place. A snapshot never
 * edits the live database; it becomes another one, and a pointer is swung (design D9).
 *
 * <p>{@link #install} is confined to the apply thread, {@link #makeSnapshot} and {@link #closeRetired} to the worker.
 */
public final class LiveState {
    private static final Logger log = LoggerFactory.getLogger(LiveState.class);

    private final LiveStore liveStore;
    private final SnapshotStore snapshots;
    private final EngineOpener engines;
    private final Founding founding;
    private final NodeId self;
    private final Map<KvStateMachine, Path> folders = new ConcurrentHashMap<>();
    private final Queue<KvStateMachine> retired = new ConcurrentLinkedQueue<>();

    /**
     * @param founding what an empty state begins with, the same on every member
     * @param self whose state it is
     */
    LiveState(LiveStore liveStore, SnapshotStore snapshots, EngineOpener engines, Founding founding, NodeId self) {
        this.liveStore = liveStore;
        this.snapshots = snapshots;
        this.engines = engines;
        this.founding = founding;
        this.self = self;
    }

    /** Opens the live state, after throwing away what an install that was cut short has left. */
    KvStateMachine open() {
        liveStore.deleteOthers();
        return open(liveStore.current());
    }

    private KvStateMachine open(Path folder) {
        KvEngine engine = engines.open(folder);
        KvStateMachine opened;
        try {
            opened = KvStateMachine.open(engine, founding.membership(), founding.members());
        } catch (RuntimeException e) {
            afterwards(e, engine::close);
            throw e;
        }
        try {
            opened.claim(self.value());
        } catch (RuntimeException e) {
            afterwards(e, opened::close);
            throw e;
        }
        folders.put(opened, folder);
        return opened;
    }

    /**
     * Makes a complete snapshot that is here the live state, durably. The old one may still be open, and stays the live one
     * until the new one has turned out to open: if this fails, the next start finds the old one.
     *
     * @param progress told after each bounded part of the work, which as a whole takes as long as the snapshot is large
     * @param whileFull called again and again while there is no room for it: waits a moment, or throws to give up
     * @throws SnapshotDamagedException if it is not what its manifest says, or holds no state; nobody tries it again then
     */
    public KvStateMachine install(
            SnapshotMetadata wanted, Runnable progress, Consumer<? super RuntimeException> whileFull) {
        Snapshot found = snapshots
                .openToInstall(wanted.last())
                .orElseThrow(() -> new IllegalStateException(
                        "snapshot " + wanted.last() + " is to be installed, but it is not here"));
        try (Snapshot snapshot = found) {
            Path folder = untilThereIsRoom(() -> liveStore.build(snapshot, progress), whileFull);
            return goLive(snapshot, folder, whileFull);
        } catch (SnapshotDamagedException e) {
            // While it is being sent it stays, and the next start meets it.
            afterwards(e, () -> snapshots.setAside(wanted.last()));
            throw e;
        }
    }

    private KvStateMachine goLive(Snapshot snapshot, Path folder, Consumer<? super RuntimeException> whileFull) {
        try {
            KvStateMachine next = untilThereIsRoom(() -> openCopy(snapshot, folder), whileFull);
            try {
                untilThereIsRoom(
                        () -> {
                            liveStore.makeLive(folder, snapshot);
                            return next;
                        },
                        whileFull);
                return next;
            } catch (RuntimeException e) {
                afterwards(e, () -> close(next));
                throw e;
            }
        } catch (RuntimeException e) {
            afterwards(e, () -> {
                if (!folder.equals(liveStore.current())) {
                    liveStore.delete(folder);
                }
            });
            throw e;
        }
    }

    private KvStateMachine openCopy(Snapshot snapshot, Path folder) {
        KvStateMachine opened;
        try {
            opened = open(folder);
        } catch (RuntimeException e) {
            throw StoreRepair.isDamage(e) ? snapshot.holdsNoState(String.valueOf(e.getMessage()), e) : e;
        }
        if (!opened.applied().equals(snapshot.manifest().last())) {
            SnapshotDamagedException damage = snapshot.holdsNoState("it is that of " + opened.applied(), null);
            afterwards(damage, () -> close(opened));
            throw damage;
        }
        return opened;
    }

    private void close(KvStateMachine state) {
        folders.remove(state);
        state.close();
    }

    private static void afterwards(RuntimeException failure, Runnable close) {
        try {
            close.run();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static <T> T untilThereIsRoom(Supplier<T> work, Consumer<? super RuntimeException> whileFull) {
        while (true) {
            try {
                return work.get();
            } catch (DiskFullException | EngineFullException e) {
                whileFull.accept(e);
            }
        }
    }

    /** A state that a snapshot has replaced, and that readers may still hold: to be closed a little later. */
    public void retire(KvStateMachine old) {
        retired.add(old);
    }

    /**
     * Closes what was retired, as far as readers have left, and gives its room back.
     *
     * @return whether nothing is left to close
     */
    public boolean closeRetired() {
        retired.removeIf(this::closeAndDelete);
        snapshots.deleteOlderThanNewest(1);
        return retired.isEmpty();
    }

    /** Only the folder of this very state: beside it another install may be building one. */
    private boolean closeAndDelete(KvStateMachine old) {
        try {
            old.close();
        } catch (IllegalStateException e) {
            log.warn("a state that a snapshot has replaced is still being read: {}", e.getMessage());
            return false;
        }
        Path folder = folders.remove(old);
        if (folder != null) {
            liveStore.delete(folder);
        }
        return true;
    }

    /** Makes a snapshot of the state, complete and durable, and lets go of older ones that nobody is being sent. */
    public SnapshotMetadata makeSnapshot(KvStateMachine state) {
        try (Snapshot made = snapshots.create(state)) {
            snapshots.deleteOlderThanNewest(1);
            return made.manifest().metadata();
        }
    }
}
