package io.axolotl.raft.testing;

import io.axolotl.raft.ElectionTimeouts;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.Ready;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One process of a simulated cluster: a {@link RaftNode}, its disk and its state machine, run by the same rules as the
 * server's driver. Every completion, of a write, of an apply, of a snapshot, happens when the test says so.
 *
 * <p>The state machine keeps a digest of all it has applied; it survives a crash as the newest snapshot has it.
 */
public final class SimulatedNode {
    private final NodeId id;
    private final RaftConfig config;
    private final ElectionTimeouts timeouts;
    private final MemoryDisk disk;
    private final SafetyChecker checker;
    private final Consumer<Envelope> network;
    private final Consumer<TraceEvent> traced;

    private @Nullable RaftNode raft;
    private final Deque<Entry> toApply = new ArrayDeque<>();
    private @Nullable SnapshotMetadata toInstall;
    private long appliedIndex;
    private long digest;
    private Membership membership;
    private final TreeMap<Long, Entry> applied = new TreeMap<>();
    private final TreeMap<EntryId, MemoryDisk.StoredSnapshot> receivedSnapshots = new TreeMap<>();
    private final TreeMap<Long, ProposalOutcome> outcomes = new TreeMap<>();
    private final TreeMap<Long, ReadState> readStates = new TreeMap<>();
    private long commitIndexSeen;
    private LongSupplier clock = () -> Long.MIN_VALUE;

    /**
     * @param network takes each message at the moment it leaves
     * @param traced hears each trace event
     */
    public SimulatedNode(
            NodeId id,
            RaftConfig config,
            ElectionTimeouts timeouts,
            MemoryDisk disk,
            SafetyChecker checker,
            Consumer<Envelope> network,
            Consumer<TraceEvent> traced) {
        this.id = id;
        this.config = config;
        this.timeouts = timeouts;
        this.disk = disk;
        this.checker = checker;
        this.network = network;
        this.traced = traced;
        membership = disk.snapshot().metadata().membership();
    }

    public NodeId id() {
        return id;
    }

    public MemoryDisk disk() {
        return disk;
    }

    public boolean isUp() {
        return raft != null;
    }

    public RaftNode raft() {
        if (raft == null) {
            throw new IllegalStateException("node " + id + " is down");
        }
        return raft;
    }

    public NodeView view() {
        return raft().view();
    }

    /** Starts from what is on the disk. */
    public void start(long nowNanos) {
        MemoryDisk.StoredSnapshot snapshot = disk.snapshot();
        appliedIndex = snapshot.metadata().last().index();
        digest = snapshot.digest();
        membership = snapshot.metadata().membership();
        applied.clear();
        List<Entry> log = disk.last().equals(disk.previous())
                ? List.of()
                : disk.entries(disk.previous().index() + 1, disk.last().index() + 1, Long.MAX_VALUE);
        checker.started(id, disk.previous(), log);
        raft = new RaftNode(id, config, timeouts, disk.hardState(), snapshot.metadata(), disk, appliedIndex, nowNanos);
        commitIndexSeen = disk.previous().index();
        observe();
    }

    /** The process ends at once; what was not synced is lost. */
    public void crash() {
        raft = null;
        disk.crash();
        toApply.clear();
        toInstall = null;
        receivedSnapshots.clear();
    }

    /** Steps one input and nothing else. */
    public void step(Input input) {
        raft().step(input);
        observe();
    }

    private void observe() {
        NodeView view = raft().view();
        checker.observed(view);
    }

    /** Delivers a message; the files of a snapshot arrive with it. */
    public void receive(NodeId from, Message message, MemoryDisk.@Nullable StoredSnapshot files) {
        if (message instanceof Message.InstallSnapshot install && files != null) {
            receivedSnapshots.put(install.snapshot().last(), files);
        }
        step(new Input.Receive(from, message));
    }

    public void readIndex(long readId) {
        checker.readAsked(id, readId);
        step(new Input.ReadIndex(readId));
    }

    /** Takes and obeys one {@link Ready} if there is any; its writes wait for {@link #sync}. */
    public boolean takeReady() {
        if (!raft().hasReady()) {
            return false;
        }
        Ready ready = raft().takeReady();
        checker.appended(id, ready.entriesToPersist());
        NodeView view = raft().view();
        checker.committed(id, view.term(), commitIndexSeen, view.commitIndex());
        commitIndexSeen = view.commitIndex();
        ready.trace().forEach(traced);
        disk.write(ready);
        ready.sendNow().forEach(this::send);
        toApply.addAll(ready.committed());
        if (ready.snapshotToInstall() != null) {
            toInstall = ready.snapshotToInstall();
        }
        for (ProposalOutcome outcome : ready.proposalOutcomes()) {
            if (outcomes.put(outcome.proposalId(), outcome) != null) {
                throw new AssertionError("node " + id + " answers proposal " + outcome.proposalId() + " twice");
            }
        }
        for (ReadState state : ready.readStates()) {
            if (readStates.put(state.readId(), state) != null) {
                throw new AssertionError("node " + id + " answers read " + state.readId() + " twice");
            }
            if (state instanceof ReadState.Confirmed confirmed) {
                checker.readConfirmed(id, confirmed.readId(), confirmed.index());
            } else if (state instanceof ReadState.Leased leased && isInTime(leased)) {
                checker.readConfirmed(id, leased.readId(), leased.index());
            }
        }
        return true;
    }

    /** What the caller owes a leased read: a look at the clock after it was asked (pitfall 32). */
    private boolean isInTime(ReadState.Leased leased) {
        long now = clock.getAsLong();
        return now != Long.MIN_VALUE && now - leased.untilNanos() < 0;
    }

    /** The clock to look at before a leased read is answered; without one none is. */
    public SimulatedNode withClock(LongSupplier newClock) {
        clock = newClock;
        return this;
    }

    private void send(Envelope envelope) {
        checker.sent(
                id,
                envelope.to(),
                envelope.message(),
                disk.hardState(),
                disk.last().index());
        network.accept(envelope);
    }

    /** Syncs the oldest {@code count} writes, sends what rested on them, and reports the newest token. */
    public void sync(int count) {
        if (count == 0) {
            return;
        }
        PersistToken token = syncQuietly(count);
        if (token != null) {
            step(new Input.Persisted(token));
        }
    }

    /** As {@link #sync}, but the completion is handed back instead of being reported. */
    public @Nullable PersistToken syncQuietly(int count) {
        MemoryDisk.Synced synced = disk.sync(count);
        synced.promises().forEach(this::send);
        return synced.token();
    }

    /** Applies up to {@code count} committed entries and reports it. */
    public void apply(int count) {
        long before = appliedIndex;
        for (int i = 0; i < count && !toApply.isEmpty(); i++) {
            Entry entry = toApply.removeFirst();
            if (entry.index() != appliedIndex + 1) {
                throw new AssertionError(
                        "node " + id + " is given " + entry + " to apply behind index " + appliedIndex);
            }
            checker.applied(id, entry);
            applied.put(entry.index(), entry);
            if (entry.kind() == Entry.Kind.MEMBERSHIP) {
                membership = Membership.decode(entry.payload());
            }
            digest = 31 * (31 * digest + entry.term()) + java.util.Arrays.hashCode(entry.payload());
            appliedIndex = entry.index();
        }
        if (appliedIndex > before) {
            step(new Input.Applied(appliedIndex));
        }
    }

    public int toApplyCount() {
        return toApply.size();
    }

    public boolean isInstalling() {
        return toInstall != null;
    }

    /** Brings the awaited snapshot in, after all writes that were asked for before. */
    public void completeInstall() {
        if (toInstall == null) {
            throw new IllegalStateException("node " + id + " was not asked to install anything");
        }
        sync(disk.waitingCount());
        MemoryDisk.StoredSnapshot files = receivedSnapshots.get(toInstall.last());
        if (files == null || !files.metadata().equals(toInstall)) {
            throw new AssertionError("node " + id + " installs " + toInstall + " whose files never came");
        }
        disk.install(files);
        checker.installed(id, files.metadata().last());
        appliedIndex = files.metadata().last().index();
        digest = files.digest();
        membership = files.metadata().membership();
        toApply.clear();
        applied.clear();
        toInstall = null;
        commitIndexSeen = appliedIndex;
        step(new Input.SnapshotInstalled(files.metadata()));
    }

    /** Takes a snapshot of what is applied, with the membership as of that index (pitfall 39). */
    public void takeSnapshot() {
        if (appliedIndex <= disk.snapshot().metadata().last().index()) {
            return;
        }
        SnapshotMetadata metadata =
                new SnapshotMetadata(new EntryId(disk.term(appliedIndex), appliedIndex), membership);
        disk.storeSnapshot(new MemoryDisk.StoredSnapshot(metadata, digest));
        step(new Input.SnapshotTaken(metadata));
    }

    /** Cuts the log through the snapshot, but for the last {@code keptEntries}. */
    public void truncateLog(long keptEntries) {
        long index = disk.snapshot().metadata().last().index() - keptEntries;
        if (index > disk.previous().index()) {
            disk.truncatePrefix(index);
            step(new Input.LogTruncated(index));
        }
    }

    /** Does all that is owed, until nothing is: a machine with a fast disk. */
    public void runUntilIdle() {
        boolean isBusy = true;
        while (isBusy) {
            isBusy = takeReady();
            if (disk.waitingCount() > 0) {
                sync(disk.waitingCount());
                isBusy = true;
            }
            if (!toApply.isEmpty()) {
                apply(toApply.size());
                isBusy = true;
            }
            if (toInstall != null && disk.waitingCount() == 0) {
                completeInstall();
                isBusy = true;
            }
        }
    }

    public long appliedIndex() {
        return appliedIndex;
    }

    /** The membership as of {@link #appliedIndex}. */
    public Membership membership() {
        return membership;
    }

    /** Equal at equal {@link #appliedIndex} on all nodes. */
    public long digest() {
        return digest;
    }

    /** What this process has applied since it started or installed a snapshot. */
    public Map<Long, Entry> applied() {
        return applied;
    }

    public Map<Long, ProposalOutcome> outcomes() {
        return outcomes;
    }

    public Map<Long, ReadState> readStates() {
        return readStates;
    }
}
