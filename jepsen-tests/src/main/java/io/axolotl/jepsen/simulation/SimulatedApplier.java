package io.axolotl.jepsen.simulation;

import io.axolotl.raft.Input;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.statemachine.Applied;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Applies what is committed, in order and in runs, as the driver's apply thread does; flushes and takes snapshots between
 * runs; puts an installed snapshot in the place of everything.
 *
 * <p>Each of these takes virtual time, and shows its effect at the end of it. Confined to the simulation's thread; dies
 * with its process.
 */
final class SimulatedApplier {
    /** Digests are compared at multiples of this, so runs end there on every node. */
    private static final int DIGEST_EVERY = 50;

    private final NodeProcess process;
    private final SimulatedNode machine;
    private final Membership bootstrap;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private SimulatedEngine engine;
    private KvStateMachine stateMachine;
    private boolean isBusy;
    private boolean isSnapshotWanted;
    private long snapshotIndex;
    private StoreVault.@org.jspecify.annotations.Nullable Stored toInstall;

    SimulatedApplier(NodeProcess process, SimulatedNode machine, Membership bootstrap, long snapshotIndex) {
        this.process = process;
        this.machine = machine;
        this.bootstrap = bootstrap;
        this.snapshotIndex = snapshotIndex;
        this.engine = openEngine();
        this.stateMachine = KvStateMachine.open(engine, bootstrap);
    }

    private SimulatedEngine openEngine() {
        return new SimulatedEngine(machine.vault().live(), this::flushed);
    }

    private void flushed(SimulatedEngine.Image image) {
        boolean isSplit = machine.hasBug(PlantedBug.APPLIED_INDEX_LAGS) && machine.chance().happens(0.5);
        machine.vault().live(isSplit ? image.withMetaOf(machine.vault().live()) : image);
    }

    EntryId applied() {
        return stateMachine.applied();
    }

    RangeAnswer range(RangeQuery query) {
        return stateMachine.range(query);
    }

    long revision() {
        return stateMachine.revision();
    }

    String digest() {
        return stateMachine.digest().toString();
    }

    void apply(List<Entry> committed) {
        waiting.addAll(committed);
        next();
    }

    void install(StoreVault.Stored snapshot) {
        toInstall = snapshot;
        next();
    }

    /** Decides what to do next: first what was given out before, then the install, then a snapshot. */
    private void next() {
        if (isBusy) {
            return;
        }
        StoreVault.Stored install = toInstall;
        if (!waiting.isEmpty()) {
            List<Entry> run = takeRun();
            busyFor(machine.applyNanos(run.size()), () -> finishRun(run));
        } else if (install != null) {
            busyFor(machine.syncNanos(), () -> swap(install));
        } else if (isSnapshotWanted) {
            isSnapshotWanted = false;
            busyFor(machine.syncNanos(), this::flushForSnapshot);
        }
    }

    private void busyFor(long nanos, Runnable work) {
        isBusy = true;
        machine.after(process, nanos, () -> {
            isBusy = false;
            work.run();
            next();
        });
    }

    private List<Entry> takeRun() {
        int most = 1 + machine.chance().below(16);
        List<Entry> run = new ArrayList<>();
        while (!waiting.isEmpty() && run.size() < most) {
            Entry entry = waiting.remove();
            run.add(entry);
            if (entry.index() % DIGEST_EVERY == 0) {
                break;
            }
        }
        return run;
    }

    private void finishRun(List<Entry> run) {
        List<Applied> outcomes = stateMachine.apply(run);
        long index = stateMachine.applied().index();
        machine.judge().applied(machine.id(), index, stateMachine.revision());
        if (index % DIGEST_EVERY == 0) {
            machine.judge().digest(machine.id(), index, digest());
        }
        process.applied(outcomes);
        process.offer(new Input.Applied(index));
        if (machine.chance().happens(machine.settings().flushProbability())) {
            flush();
        }
        if (stateMachine.compactStep(20)) {
            machine.marks().hit("applier: compaction step");
        }
        if (index - snapshotIndex >= machine.settings().snapshotEvery()) {
            snapshotIndex = index;
            isSnapshotWanted = true;
        }
    }

    /** Makes the state durable; nothing of it is lost by a crash from here on. */
    private SnapshotMetadata flush() {
        SnapshotMetadata flushed = stateMachine.flush();
        machine.judge().stateDurable(machine.id(), flushed.last().index());
        return flushed;
    }

    private void flushForSnapshot() {
        boolean isSkipped = machine.hasBug(PlantedBug.LOG_CUT_BEFORE_FLUSH);
        SnapshotMetadata metadata =
                isSkipped ? new SnapshotMetadata(stateMachine.applied(), stateMachine.membership()) : flush();
        StoreVault.Stored snapshot = new StoreVault.Stored(metadata, engine.image());
        // The copy is made beside the apply thread; the snapshot counts once its manifest is synced.
        machine.after(process, machine.syncNanos() * 2, () -> {
            if (!isSkipped) {
                machine.vault().add(snapshot);
            }
            process.snapshotTaken(metadata);
        });
    }

    /** The pointer to the live store moves to the snapshot: everything or nothing, durable on return (pitfall 43). */
    private void swap(StoreVault.Stored snapshot) {
        toInstall = null;
        snapshotIndex = snapshot.metadata().last().index();
        isSnapshotWanted = false;
        machine.judge().installUnderWay(machine.id());
        if (machine.hasBug(PlantedBug.INSTALL_WITHOUT_STATE)) {
            process.swapped(snapshot.metadata());
            return;
        }
        machine.vault().add(snapshot);
        if (machine.hasBug(PlantedBug.SNAPSHOT_NOT_DURABLE)) {
            engine = new SimulatedEngine(snapshot.image(), this::flushed);
        } else {
            machine.vault().live(snapshot.image());
            machine.judge().stateDurable(machine.id(), snapshotIndex);
            engine = openEngine();
        }
        stateMachine = KvStateMachine.open(engine, bootstrap);
        machine.judge().applied(machine.id(), stateMachine.applied().index(), stateMachine.revision());
        process.swapped(snapshot.metadata());
    }
}
