package io.axolotl.jepsen.simulation;

import io.axolotl.raft.Input;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.statemachine.Applied;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    private final NodeStore store;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private boolean isBusy;
    private boolean isSnapshotWanted;
    private long snapshotIndex;
    private @Nullable SnapshotMetadata toInstall;

    SimulatedApplier(NodeProcess process, SimulatedNode machine, NodeStore store) {
        this.process = process;
        this.machine = machine;
        this.store = store;
        this.snapshotIndex = store.newestSnapshot().last().index();
    }

    private KvStateMachine stateMachine() {
        return store.stateMachine();
    }

    EntryId applied() {
        return stateMachine().applied();
    }

    RangeAnswer range(RangeQuery query) {
        return stateMachine().range(query);
    }

    long revision() {
        return stateMachine().revision();
    }

    String digest() {
        return stateMachine().digest().toString();
    }

    void apply(List<Entry> committed) {
        waiting.addAll(committed);
        next();
    }

    void install(SnapshotMetadata snapshot) {
        toInstall = snapshot;
        next();
    }

    /** Decides what to do next: first what was given out before, then the install, then a snapshot. */
    private void next() {
        if (isBusy) {
            return;
        }
        SnapshotMetadata install = toInstall;
        if (!waiting.isEmpty()) {
            List<Entry> run = takeRun();
            busyFor(machine.applyNanos(run.size()), () -> finishRun(run));
        } else if (install != null) {
            busyFor(machine.syncNanos(), () -> swap(install));
        } else if (isSnapshotWanted) {
            isSnapshotWanted = false;
            busyFor(machine.syncNanos(), this::takeSnapshot);
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

    /** Plants {@link PlantedBug#NON_DETERMINISTIC_APPLY}: on the first node some puts end in another character. */
    private List<Entry> bent(List<Entry> run) {
        if (!machine.hasBug(PlantedBug.NON_DETERMINISTIC_APPLY) || machine.id().value() != 1) {
            return run;
        }
        List<Entry> bent = new ArrayList<>();
        for (Entry entry : run) {
            boolean isPut = entry.kind() == Entry.Kind.COMMAND
                    && CommandCodec.decode(entry.payload()).command() instanceof Command.Put;
            if (isPut && entry.index() % DIGEST_EVERY == 0) {
                byte[] payload = entry.payload().clone();
                payload[payload.length - 1] ^= 1;
                bent.add(new Entry(entry.id(), entry.kind(), payload));
            } else {
                bent.add(entry);
            }
        }
        return bent;
    }

    private void finishRun(List<Entry> run) {
        List<Applied> outcomes = stateMachine().apply(bent(run));
        long index = stateMachine().applied().index();
        machine.judge().applied(machine.id(), index, stateMachine().revision());
        if (index % DIGEST_EVERY == 0) {
            machine.judge().history(machine.id(), index, stateMachine().historyDigest());
            machine.judge().digest(machine.id(), index, digest());
        }
        process.applied(outcomes);
        process.offer(new Input.Applied(index));
        if (machine.chance().happens(machine.settings().flushProbability())) {
            flush();
        }
        if (stateMachine().compactStep(20)) {
            machine.marks().hit("applier: compaction step");
        }
        if (index - snapshotIndex >= machine.settings().snapshotEvery()) {
            snapshotIndex = index;
            isSnapshotWanted = true;
        }
    }

    /** As the engine does by itself when its buffers are full. */
    private void flush() {
        durable(stateMachine().flush());
    }

    private void durable(SnapshotMetadata flushed) {
        machine.judge().stateDurable(machine.id(), flushed.last().index());
    }

    private void takeSnapshot() {
        if (machine.hasBug(PlantedBug.LOG_CUT_BEFORE_FLUSH)) {
            process.snapshotTaken(new SnapshotMetadata(applied(), stateMachine().membership()));
            machine.after(process, 20 * machine.syncNanos(), () -> durable(store.takeSnapshot()));
            return;
        }
        SnapshotMetadata taken = store.takeSnapshot();
        durable(taken);
        process.snapshotTaken(taken);
    }

    /** The pointer to the live store moves to the snapshot: everything or nothing, durable on return (pitfall 43). */
    private void swap(SnapshotMetadata snapshot) {
        toInstall = null;
        snapshotIndex = snapshot.last().index();
        isSnapshotWanted = false;
        machine.judge().installUnderWay(machine.id());
        if (!machine.hasBug(PlantedBug.INSTALL_WITHOUT_STATE)) {
            store.install(snapshot.last());
            durable(snapshot);
            machine.judge().applied(machine.id(), applied().index(), revision());
        }
        process.swapped(snapshot);
    }
}
