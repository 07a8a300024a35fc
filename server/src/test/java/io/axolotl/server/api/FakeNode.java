package io.axolotl.server.api;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.lease.LeaseKeeper;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.storage.archive.ArchiveStore;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.lease.LeaseTable;
import io.axolotl.storage.statemachine.Applied;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in one object: what is proposed is applied at once to a real state machine in memory, and read barriers hold
 * at once, unless a test says how they fail. Safe for all threads.
 */
public final class FakeNode implements NodeService, AutoCloseable {
    public static final long CLUSTER_ID = 0xc1L;
    public static final NodeId SELF = new NodeId(0x8e9e05c52164694dL);
    public static final NodeId OTHER = new NodeId(0x2);
    public static final NodeId LEARNER = new NodeId(0x3);
    public static final long TERM = 7;
    private static final Path LIVE = Path.of("/live");

    private final FaultyDisk disk = new FaultyDisk();
    private final ArchiveStore archives = new ArchiveStore(disk, Path.of("/archives"), CLUSTER_ID, SELF.value());
    private final int maxRequestBytes;
    private final Membership membership = membership();
    private volatile KvStateMachine store;
    private volatile @Nullable KvStateMachine replaced;
    /** Of each thread: who looks twice in a row must find the other one, whoever else looks in between. */
    private final ThreadLocal<AtomicInteger> looks = ThreadLocal.withInitial(AtomicInteger::new);

    private long lastIndex;
    private final List<Entry> log = new ArrayList<>();
    private boolean isCutOff;
    private final Queue<Runnable> heldAnswers = new ConcurrentLinkedQueue<>();

    public volatile @Nullable NodeId leader = SELF;
    public volatile @Nullable Failure barrierFailure;
    public volatile @Nullable ProposalResult outcome;
    public volatile boolean holdsAnswers;
    public volatile @Nullable Failure moveLeaderFailure;
    public volatile @Nullable NodeId movedTo;
    public volatile PeerQuestions.Readiness readiness = PeerQuestions.Readiness.READY;
    public volatile boolean isMembershipStuck;
    public final Map<NodeId, Long> connectedSince = new ConcurrentHashMap<>();
    public volatile boolean isTrusted = true;
    private volatile @Nullable TokenListener tokens;
    public volatile HistoryFollower follower = HistoryFollower.NOBODY;
    public final AtomicInteger barriers = new AtomicInteger();
    public final AtomicInteger proposals = new AtomicInteger();

    private static final long LEASE_TURN_MILLIS = 100;

    public volatile @Nullable Failure leaseFailure;
    private final AtomicLong leaseClock = new AtomicLong();
    public final LeaseKeeper leases = new LeaseKeeper(
            new Leading(), LeaseKeeper.Rules.ofElectionTimeout(TimeUnit.SECONDS.toNanos(1)), leaseClock::get);

    public FakeNode(int maxRequestBytes) {
        this.maxRequestBytes = maxRequestBytes;
        disk.createDirectories(LIVE);
        this.store = KvStateMachine.open(MemoryEngine.open(disk, LIVE), membership, members());
    }

    /** Where the state is. */
    public FaultyDisk disk() {
        return disk;
    }

    private static Membership membership() {
        Membership voters = Membership.ofVoters(List.of(SELF, OTHER));
        java.util.NavigableSet<NodeId> learners = new java.util.TreeSet<>(List.of(LEARNER));
        return new Membership(voters.voters(), voters.outgoingVoters(), learners);
    }

    private static List<MemberAttributes> members() {
        return List.of(
                new MemberAttributes(SELF.value(), "n1", List.of("http://h1:2380"), List.of("http://h1:2379"), false),
                new MemberAttributes(OTHER.value(), "", List.of("http://h2:2380"), List.of(), false));
    }

    @Override
    public NodeId self() {
        return SELF;
    }

    @Override
    public long clusterId() {
        return CLUSTER_ID;
    }

    @Override
    public NodeView view() {
        EntryId applied = store.applied();
        return new NodeView(
                SELF,
                SELF.equals(leader) ? TraceEvent.RoleName.LEADER : TraceEvent.RoleName.FOLLOWER,
                TERM,
                null,
                leader,
                EntryId.ZERO,
                applied,
                applied.index(),
                applied.index(),
                applied.index(),
                store.membership(),
                0,
                0,
                null,
                List.of());
    }

    @Override
    public KvStateMachine store() {
        KvStateMachine stale = replaced;
        return stale != null && looks.get().getAndIncrement() % 2 == 0 ? stale : store;
    }

    /** As when a snapshot is installed again and again: every second look of a thread meets a store that was closed meanwhile. */
    public void replaceStoreAtEveryLook() {
        KvStateMachine closed = KvStateMachine.open(MemoryEngine.inMemory(), membership, members());
        closed.close();
        replaced = closed;
    }

    /** What the apply thread does between runs. */
    public synchronized void removeHistory() {
        boolean isMoreLeft = true;
        while (isMoreLeft && follower.neededFrom() >= store.compactRevision()) {
            isMoreLeft = store.compactStep(1000);
        }
    }

    @Override
    public Optional<StateArchive> archive(KvStateMachine state) {
        return archives.make(state);
    }

    @Override
    public boolean isTrusted() {
        return isTrusted;
    }

    @Override
    public void hearTokens(@Nullable TokenListener listener) {
        tokens = listener;
    }

    @Override
    public void propose(Caller caller, Command command, ProposalCallback callback) {
        proposals.incrementAndGet();
        ProposalResult prescribed = outcome;
        ProposalResult result = prescribed != null ? prescribed : apply(caller, command);
        if (holdsAnswers) {
            heldAnswers.add(() -> callback.on(result));
        } else {
            callback.on(result);
        }
    }

    /** Tells what has become of the oldest proposal whose answer is held. */
    public void releaseAnswer() {
        heldAnswers.remove().run();
    }

    private synchronized ProposalResult apply(Caller caller, Command command) {
        byte[] payload = CommandCodec.encode(new RequestId(SELF.value(), lastIndex + 1), caller, command);
        if (payload.length > maxRequestBytes) {
            return new ProposalResult.Refused(Failure.TOO_LARGE);
        }
        lastIndex++;
        Entry entry = new Entry(new EntryId(TERM, lastIndex), Entry.Kind.COMMAND, payload);
        log.add(entry);
        if (isCutOff) {
            return new ProposalResult.Unknown(Failure.TIMEOUT);
        }
        Applied applied = store.apply(List.of(entry)).get(0);
        TokenListener listener = tokens;
        if (listener != null) {
            if (applied.result() instanceof CommandResult.TokenAssigned token) {
                listener.assigned(token);
            }
            listener.toldThrough(lastIndex);
        }
        follower.advanced();
        return new ProposalResult.Done(Objects.requireNonNull(applied.result()));
    }

    @Override
    public void readBarrier(ReadCallback callback) {
        barriers.incrementAndGet();
        callback.on(barrierFailure);
    }

    @Override
    public void awaitRoster(Predicate<Roster> reached, long patienceNanos, ReadCallback onReached) {
        bringMembershipThere();
        onReached.on(reached.test(store.roster()) ? null : Failure.TIMEOUT);
    }

    /** As when this member was added as a learner. */
    public synchronized void becomeLearner() {
        Membership other = Membership.ofVoters(List.of(OTHER));
        java.util.NavigableSet<NodeId> learners = new java.util.TreeSet<>(List.of(SELF, LEARNER));
        lastIndex++;
        store.apply(List.of(new Entry(
                new EntryId(TERM, lastIndex),
                Entry.Kind.MEMBERSHIP,
                new Membership(other.voters(), other.outgoingVoters(), learners).encode())));
    }

    /** What the leader does. */
    private synchronized void bringMembershipThere() {
        Roster roster = store.roster();
        if (!isMembershipStuck && !roster.dueChange().isEmpty()) {
            Membership next = roster.membership().after(roster.dueChange());
            lastIndex++;
            store.apply(List.of(new Entry(new EntryId(TERM, lastIndex), Entry.Kind.MEMBERSHIP, next.encode())));
        }
    }

    @Override
    public void follow(HistoryFollower newFollower) {
        follower = newFollower;
    }

    @Override
    public long connectedSinceNanos(NodeId member) {
        return connectedSince.getOrDefault(member, Long.MAX_VALUE);
    }

    @Override
    public void askReadiness(NodeId learner, ReadinessCallback callback) {
        callback.on(readiness);
    }

    @Override
    public void askLease(LeaseQuestion question, LeaseCallback callback) {
        Failure prescribed = leaseFailure;
        if (prescribed != null) {
            callback.on(prescribed, null);
            return;
        }
        leases.turn();
        leases.ask(question, answer -> callback.on(null, answer));
    }

    @Override
    public long shortestLeaseSeconds() {
        return 2;
    }

    /** As when time has passed, of which leases take notice. */
    public void pass(Duration time) {
        for (long left = time.toMillis(); left > 0; left -= LEASE_TURN_MILLIS) {
            leaseClock.addAndGet(TimeUnit.MILLISECONDS.toNanos(LEASE_TURN_MILLIS));
            leases.turn();
        }
    }

    private final class Leading implements LeaseKeeper.Member {
        @Override
        public long ledTerm() {
            return SELF.equals(leader) ? TERM : NOT_LEADING;
        }

        @Override
        public LeaseTable leases() {
            return store().leases();
        }

        @Override
        public void confirm(Consumer<Boolean> onConfirmed) {
            readBarrier(failure -> onConfirmed.accept(failure == null));
        }

        @Override
        public void propose(Command.OfLeases command, Consumer<@Nullable CommandResult> onDone) {
            FakeNode.this.propose(
                    Caller.MEMBER,
                    command,
                    result -> onDone.accept(result instanceof ProposalResult.Done done ? done.result() : null));
        }
    }

    @Override
    public void moveLeader(NodeId target, MoveLeaderCallback callback) {
        movedTo = target;
        callback.on(moveLeaderFailure);
    }

    /** As when a snapshot was installed: another store is live, and the old one is closed. */
    public synchronized KvStateMachine replaceStore() {
        KvStateMachine old = store;
        store = KvStateMachine.open(MemoryEngine.inMemory(), membership, members());
        lastIndex = 0;
        return old;
    }

    /** From now on the others apply what is proposed, and this member hears nothing of it. */
    public synchronized void cutOff() {
        isCutOff = true;
    }

    /**
     * As when a snapshot of a member that has applied everything was installed: its store is live. The caller closes the
     * one that was.
     *
     * @param hasRemovedHistory whether that member has removed what is compacted
     */
    public synchronized KvStateMachine installSnapshot(boolean hasRemovedHistory) {
        KvStateMachine old = store;
        KvStateMachine next = KvStateMachine.open(MemoryEngine.inMemory(), membership, members());
        log.forEach(entry -> next.apply(List.of(entry)));
        while (hasRemovedHistory && next.compactStep(1000)) {
            Thread.onSpinWait();
        }
        store = next;
        isCutOff = false;
        follower.advanced();
        return old;
    }

    @Override
    public void close() {
        store.close();
    }
}
