package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.Ready;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the core asks to persist, as the driver's log-writer thread does: in order, one sync at a time, and while
 * one is running everything that arrives gathers for the next (design D6). First the hard state, then the entries, so
 * that no entry is ever found of a term that is not remembered.
 *
 * <p>A sync takes virtual time. Its writes reach the disk at the end of that time, or, if the process dies meanwhile, up
 * to any operation among them.
 *
 * <p>Confined to the simulation's thread; dies with its process.
 */
final class SimulatedLogWriter {
    /** What waits to be done, in order. Exactly one of the three is there. */
    private record Job(
            @Nullable Ready ready,
            long truncateThrough,
            @Nullable EntryId reset,
            Runnable done) {}

    /** When power is cut while a batch is being written, it may have come so many disk operations far. */
    private static final int MOST_OPERATIONS_OF_A_BATCH = 12;

    private final NodeProcess process;
    private final SimulatedNode machine;
    private final Wal wal;
    private final HardStateFile hardStateFile;
    private final Deque<Job> queue = new ArrayDeque<>();
    private List<Job> running = List.of();
    private long runningSinceNanos;
    private @Nullable PersistToken newestGiven;

    SimulatedLogWriter(NodeProcess process, SimulatedNode machine, Wal wal, HardStateFile hardStateFile) {
        this.process = process;
        this.machine = machine;
        this.wal = wal;
        this.hardStateFile = hardStateFile;
    }

    /** Persists what {@code ready} asks for, then sends what rests on it, then tells the core. */
    void persist(Ready ready) {
        newestGiven = ready.persistToken();
        if (machine.hasBug(PlantedBug.SEND_BEFORE_SYNC)) {
            ready.sendAfterPersist().forEach(process::send);
        }
        add(new Job(ready, 0, null, () -> {}));
    }

    /** Cuts the log's prefix, then calls {@code done}. */
    void truncatePrefix(long throughIndex, Runnable done) {
        add(new Job(null, throughIndex, null, done));
    }

    /** Replaces the log by an empty one after {@code snapshotLast}, then calls {@code done}. */
    void reset(EntryId snapshotLast, Runnable done) {
        add(new Job(null, 0, snapshotLast, done));
    }

    private void add(Job job) {
        queue.add(job);
        if (running.isEmpty()) {
            begin();
        }
    }

    private void begin() {
        Job first = queue.peek();
        if (first == null) {
            return;
        }
        List<Job> batch = new ArrayList<>();
        int limit = first.ready() == null ? 1 : machine.settings().disk().batchLimit();
        while (batch.size() < limit && !queue.isEmpty() && (queue.peek().ready() == null) == (first.ready() == null)) {
            batch.add(queue.remove());
        }
        running = batch;
        runningSinceNanos = machine.clockNanos();
        if (batch.size() > 1) {
            machine.marks().hit("log writer: several Readys in one sync");
        }
        if (first.ready() != null && machine.hasBug(PlantedBug.PERSISTED_BEFORE_SYNC)) {
            reportPersisted(batch);
        }
        machine.after(process, machine.syncNanos(), this::finish);
    }

    private void finish() {
        List<Job> batch = running;
        write(batch);
        running = List.of();
        for (Job job : batch) {
            Ready ready = job.ready();
            if (ready == null) {
                job.done().run();
            } else if (!machine.hasBug(PlantedBug.SEND_BEFORE_SYNC)) {
                ready.sendAfterPersist().forEach(process::send);
            }
        }
        if (batch.get(0).ready() != null) {
            process.offer(new Input.SyncObserved(machine.clockNanos() - runningSinceNanos, false));
        }
        if (batch.get(0).ready() != null && !machine.hasBug(PlantedBug.PERSISTED_BEFORE_SYNC)) {
            reportPersisted(batch);
        }
        if (queue.isEmpty()) {
            machine.judge().nothingUnderWay(machine.id());
        }
        begin();
    }

    /** For how long the sync under way has been; 0 if none is. */
    long runningNanos() {
        return running.isEmpty() || running.get(0).ready() == null ? 0 : machine.clockNanos() - runningSinceNanos;
    }

    private void reportPersisted(List<Job> batch) {
        PersistToken token = null;
        for (Job job : batch) {
            Ready ready = job.ready();
            if (ready != null && ready.persistToken() != null) {
                token = ready.persistToken();
            }
        }
        if (token != null) {
            process.offer(new Input.Persisted(bent(token)));
        }
    }

    private PersistToken bent(PersistToken token) {
        PersistToken newest = newestGiven;
        if (machine.hasBug(PlantedBug.NEWEST_TOKEN) && newest != null) {
            return newest;
        }
        if (!machine.hasBug(PlantedBug.TOKEN_BY_INDEX) || newest == null) {
            return token;
        }
        EntryId last = newest.lastEntry().index() < token.lastEntry().index() ? newest.lastEntry() : token.lastEntry();
        return new PersistToken(newest.logEpoch(), token.term(), token.votedFor(), last);
    }

    /** The process dies. Whatever was being written has come as far as chance wants. */
    void interrupt() {
        if (running.isEmpty()) {
            return;
        }
        DiskObserver disk = machine.disk();
        disk.armPowerCut(machine.chance().below(MOST_OPERATIONS_OF_A_BATCH));
        try {
            write(running);
            machine.marks().hit("crash: after a sync, before anybody was told");
        } catch (SimulatedCrash e) {
            machine.marks().hit("crash: in the middle of a batch");
        } finally {
            disk.disarm();
        }
    }

    private void write(List<Job> batch) {
        Job first = batch.get(0);
        EntryId reset = first.reset();
        if (reset != null) {
            wal.reset(reset);
            machine.judge().snapshotInstalled(machine.id(), reset);
        } else if (first.ready() == null) {
            wal.truncatePrefix(first.truncateThrough());
        } else {
            writeHardState(batch);
            writeEntries(batch);
        }
    }

    private void writeHardState(List<Job> batch) {
        HardState newest = null;
        for (Job job : batch) {
            Ready ready = job.ready();
            if (ready != null && ready.hardState() != null) {
                newest = ready.hardState();
            }
        }
        if (newest == null) {
            return;
        }
        long syncsBefore = machine.disk().hardStateSyncs();
        hardStateFile.write(newest);
        if (machine.disk().hardStateSyncs() > syncsBefore) {
            machine.judge().hardStateDurable(machine.id(), newest);
        }
    }

    private void writeEntries(List<Job> batch) {
        List<List<Entry>> written = new ArrayList<>();
        long syncsBefore = machine.disk().logSyncs();
        for (Job job : batch) {
            Ready ready = job.ready();
            if (ready != null && !ready.entriesToPersist().isEmpty()) {
                wal.append(withoutTruncation(ready.entriesToPersist(), written));
                written.add(ready.entriesToPersist());
            }
        }
        if (written.isEmpty()) {
            return;
        }
        wal.sync();
        if (machine.disk().logSyncs() > syncsBefore) {
            written.forEach(entries -> machine.judge().entriesDurable(machine.id(), entries));
        }
    }

    /** For the bug that leaves a conflicting suffix where it is: only what lies behind it is written. */
    private List<Entry> withoutTruncation(List<Entry> entries, List<List<Entry>> writtenBefore) {
        if (!machine.hasBug(PlantedBug.LOST_TRUNCATION)) {
            return entries;
        }
        long last = wal.last().index();
        for (List<Entry> before : writtenBefore) {
            last = Math.max(last, before.get(before.size() - 1).index());
        }
        long behind = last;
        return entries.stream().filter(entry -> entry.index() > behind).toList();
    }
}
