package io.axolotl.server.driver;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.recovery.EngineOpener;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.Recovery;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.wal.WalOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Whole pipelines without a thread, turned by hand: real recovery, log, snapshots and state machines over disks that forget
 * what was not synced, a clock that moves when told to, and a network of queues with links that can be cut.
 */
final class HandRunCluster {
    private static final long TURN_NANOS = 10_000_000L;
    private static final int PATIENCE_TURNS = 3_000;
    private static final Path FOLDER = Path.of("/data");
    static final RaftConfig RAFT = RaftConfig.defaults().withTimeouts(50_000_000L, 500_000_000L);

    private final Random random;
    private Tuning tuning;
    private final Membership membership;
    private final Map<NodeId, FaultyDisk> disks = new TreeMap<>();
    private final Map<NodeId, Member> up = new TreeMap<>();

    /** Directed links that are cut, written {@code from>to}. */
    private final Set<String> cut = new HashSet<>();

    /** What is done to a member's engine when it is next opened. */
    private final Map<NodeId, Consumer<MemoryEngine>> tampering = new TreeMap<>();

    /** What becomes of messages to a member on their way. */
    private final Map<NodeId, UnaryOperator<Message>> bending = new TreeMap<>();

    private final ArrayDeque<Runnable> inFlight = new ArrayDeque<>();

    /** Directed links whose messages are late, and those messages. */
    private final Set<String> late = new HashSet<>();

    private final List<Runnable> delayed = new ArrayList<>();
    private boolean losesSnapshots;
    private long nowNanos = 1;
    private long pauseAfterLookNanos;

    private final RaftConfig raft;

    HandRunCluster(long seed, int size, Tuning tuning) {
        this(seed, size, tuning, RAFT);
    }

    HandRunCluster(long seed, int size, Tuning tuning, RaftConfig raft) {
        this(seed, Membership.ofVoters(ids(size)), tuning, raft);
    }

    private static List<NodeId> ids(int size) {
        return LongStream.rangeClosed(1, size).mapToObj(NodeId::new).toList();
    }

    HandRunCluster(long seed, Membership membership, Tuning tuning, RaftConfig raft) {
        this.random = new Random(seed);
        this.raft = raft;
        this.tuning = tuning;
        this.membership = membership;
        for (NodeId id : membership.all()) {
            FaultyDisk disk = new FaultyDisk();
            disk.createDirectories(FOLDER);
            disks.put(id, disk);
            start(id);
        }
    }

    /** One running member. */
    final class Member implements PeerTransport {
        final NodeId id;
        final Stages stages;
        private final RecoveredState recovered;
        private final Intake intake;
        private final List<MemoryEngine> engines = new ArrayList<>();
        private final ArrayDeque<Runnable> work = new ArrayDeque<>();
        private int turnsPerSync;
        private int turnsInSync;
        private boolean withholds;

        Member(NodeId id, FaultyDisk disk) {
            this.id = id;
            PipelineMetrics metrics = new PipelineMetrics(new MetricRegistry(), id, Set.of());
            recovered = recover(disk, id, folder -> opened(id, MemoryEngine.open(disk, folder)));
            intake = new Intake(metrics);
            stages = new Stages(
                    recovered,
                    raft,
                    tuning,
                    new Stages.Ground(
                            this,
                            intake,
                            metrics,
                            work::add,
                            random,
                            HandRunCluster.this::now,
                            () -> {},
                            () -> work.add(() -> recovered.liveState().closeRetired()),
                            recovered.knownStores()::vouch,
                            roster -> {},
                            Core::of));
        }

        private MemoryEngine opened(NodeId self, MemoryEngine engine) {
            engines.add(engine);
            Consumer<MemoryEngine> tamper = tampering.remove(self);
            if (tamper != null) {
                tamper.accept(engine);
            }
            return engine;
        }

        /** Bytes of the files of its log. */
        long logBytes() {
            return recovered.wal().sizeBytes();
        }

        /** The engine of its state. */
        MemoryEngine engine() {
            return engines.get(engines.size() - 1);
        }

        /** How often its engines were told to give room back. */
        long reclaims() {
            return engines.stream().mapToLong(MemoryEngine::reclaims).sum();
        }

        RecoveredState recovered() {
            return recovered;
        }

        NodeView view() {
            return stages.driver.view();
        }

        void turn() {
            DiskSpace space = stages.space;
            if (space != null) {
                space.runOnce();
            }
            stages.driver.runOnce();
            write();
            stages.applier.runOnce();
            for (Runnable each = work.poll(); each != null; each = work.poll()) {
                each.run();
            }
        }

        private void write() {
            if (turnsPerSync == 0) {
                stages.logWriter.runOnce();
                return;
            }
            if (!stages.logWriter.hasWork()) {
                return;
            }
            stages.diskWatch.began();
            if (++turnsInSync >= turnsPerSync) {
                turnsInSync = 0;
                stages.logWriter.runOnce();
            }
        }

        /** From now on every sync takes so many turns; 0 for none. */
        void slowDisk(int turns) {
            turnsPerSync = turns;
            turnsInSync = 0;
        }

        /** Its transport takes {@code peer} for ended. */
        void believesGone(NodeId peer) {
            intake.gone(peer);
        }

        Outcome put(String key) {
            return put(key, key.getBytes(StandardCharsets.UTF_8));
        }

        Outcome put(String key, byte[] value) {
            Outcome outcome = new Outcome();
            propose(new Command.Put(key.getBytes(StandardCharsets.UTF_8), value, 0, false, false, false), outcome);
            return outcome;
        }

        Outcome propose(Caller caller, Command command) {
            Outcome outcome = new Outcome();
            propose(caller, command, outcome);
            return outcome;
        }

        Outcome delete(String key) {
            Outcome outcome = new Outcome();
            propose(new Command.DeleteRange(key.getBytes(StandardCharsets.UTF_8), new byte[0], false), outcome);
            return outcome;
        }

        Outcome compact(long revision) {
            Outcome outcome = new Outcome();
            propose(new Command.Compact(revision, false), outcome);
            return outcome;
        }

        /** A change of the members, as if another member asked for it. */
        void proposeOfMembers(Command.OfMembers command) {
            stages.proposals.propose(Caller.MEMBER, command, result -> {});
        }

        private void propose(Command command, Outcome outcome) {
            propose(Caller.NOBODY, command, outcome);
        }

        private void propose(Caller caller, Command command, Outcome outcome) {
            if (stages.hasNoRoomFor(command)) {
                outcome.result = new ProposalResult.Refused(NodeService.Failure.DISK_FULL);
                return;
            }
            stages.proposals.propose(caller, command, result -> {
                if (outcome.result != null) {
                    throw new AssertionError("answered twice: " + outcome.result + ", " + result);
                }
                outcome.result = result;
            });
        }

        /** Asks for a read barrier; the box is filled with the failure, or empty, when it is answered. */
        List<Optional<NodeService.Failure>> barrier() {
            List<Optional<NodeService.Failure>> answers = new ArrayList<>();
            stages.reads.ask(failure -> answers.add(Optional.ofNullable(failure)));
            return answers;
        }

        /** How many versions of a key there are: how often its put was applied. */
        long versions(String key) {
            RangeAnswer answer = stages.applier.store().range(RangeQuery.ofKey(key.getBytes(StandardCharsets.UTF_8)));
            List<KeyValue> found = ((RangeAnswer.Found) answer).kvs();
            return found.isEmpty() ? 0 : found.get(0).version();
        }

        @Override
        public void send(Envelope envelope) {
            if (envelope.message() instanceof Message.InstallSnapshot install) {
                inFlight.add(() -> copySnapshot(this, envelope.to(), install));
                return;
            }
            UnaryOperator<Message> bend = bending.getOrDefault(envelope.to(), UnaryOperator.identity());
            deliver(this, envelope.to(), to -> to.intake.receive(id, bend.apply(envelope.message()), 0));
        }

        @Override
        public boolean forward(NodeId to, Forward forward) {
            if (!isLinked(id, to)) {
                return false;
            }
            deliver(this, to, receiver -> receiver.intake.forwarded(id, forward));
            return true;
        }

        @Override
        public void refuse(NodeId to, ForwardRefused refused) {
            deliver(this, to, receiver -> receiver.intake.forwardRefused(id, refused));
        }

        @Override
        public void report(NodeId to, HistoryReport report) {
            deliver(this, to, receiver -> receiver.intake.reported(id, report));
        }

        @Override
        public void withholdSnapshots(boolean itDoes) {
            withholds = itDoes;
        }

        @Override
        public void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer) {
            answer.accept(null);
        }

        @Override
        public void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer) {
            answer.accept(null);
        }

        @Override
        public long connectedSinceNanos(NodeId peer) {
            return isLinked(id, peer) ? 1 : NOT_CONNECTED;
        }
    }

    /** What a member would make of this disk, without starting it. */
    RecoveredState recoverAlone(FaultyDisk disk, NodeId id) {
        return recover(disk, id, folder -> MemoryEngine.open(disk, folder));
    }

    private RecoveredState recover(FaultyDisk disk, NodeId id, EngineOpener engines) {
        return new Recovery(new Recovery.Settings(
                        disk,
                        FOLDER,
                        new Origin.Founder(new Origin.Place(77, id, new Founding(membership, List.of())), List::of),
                        "n" + id,
                        List.of(),
                        new WalOptions(1 << 14, 1 << 12, 1),
                        engines))
                .recover();
    }

    /** What became of a proposal; null while nothing has. */
    static final class Outcome {
        @Nullable ProposalResult result;

        boolean isAnswered() {
            return result != null;
        }

        boolean isDone() {
            return result instanceof ProposalResult.Done;
        }
    }

    private interface Delivery {
        void to(Member receiver);
    }

    private void deliver(Member from, NodeId to, Delivery delivery) {
        Runnable arrival = () -> {
            Member receiver = up.get(to);
            if (receiver != null && isLinked(from.id, to)) {
                delivery.to(receiver);
            }
        };
        if (late.contains(from.id + ">" + to)) {
            delayed.add(arrival);
        } else {
            inFlight.add(arrival);
        }
    }

    /** What {@code from} sends to {@code to} is on its way until {@link #releaseDelayed}. */
    void delay(NodeId from, NodeId to) {
        late.add(from + ">" + to);
    }

    void releaseDelayed() {
        late.clear();
        inFlight.addAll(delayed);
        delayed.clear();
    }

    private void copySnapshot(Member from, NodeId to, Message.InstallSnapshot install) {
        if (losesSnapshots) {
            return;
        }
        Member receiver = up.get(to);
        Optional<Snapshot> newest = from.recovered.snapshotStore().newest();
        if (receiver == null || newest.isEmpty() || from.withholds || !isLinked(from.id, to)) {
            from.intake.snapshotFailed(to);
            return;
        }
        try (Snapshot snapshot = newest.get()) {
            SnapshotReceiver receiving = receiver.recovered.snapshotStore().receive(snapshot.manifest());
            for (SnapshotManifest.FileEntry file : snapshot.manifest().files()) {
                if (receiving.received(file.name()) < file.sizeBytes()) {
                    byte[] bytes = snapshot.read(file.name(), 0, Integer.MAX_VALUE);
                    CRC32C crc = new CRC32C();
                    crc.update(bytes, 0, bytes.length);
                    receiving.write(file.name(), 0, bytes, (int) crc.getValue());
                }
            }
            receiving.finish().close();
            receiver.intake.receive(
                    from.id,
                    new Message.InstallSnapshot(
                            install.term(), snapshot.manifest().metadata()),
                    0);
        }
    }

    private long now() {
        long looked = nowNanos;
        nowNanos += pauseAfterLookNanos;
        pauseAfterLookNanos = 0;
        return looked;
    }

    /** Whoever looks at the clock next is paused right after. */
    void pauseAfterNextLookAtTheClock(long nanos) {
        pauseAfterLookNanos = nanos;
    }

    private boolean isLinked(NodeId from, NodeId to) {
        return up.containsKey(to) && !cut.contains(from + ">" + to);
    }

    /** Members that are started from now on are tuned like this. */
    void tune(Tuning next) {
        tuning = next;
    }

    void start(NodeId id) {
        FaultyDisk disk = disks.get(id);
        if (disk == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        up.put(id, new Member(id, disk));
    }

    /** Does this to the member's state when it is next started. */
    void tamperAtNextStart(NodeId id, Consumer<MemoryEngine> tamper) {
        tampering.put(id, tamper);
    }

    /** Lets messages to a member arrive as {@code bend} makes them. */
    void bendMessagesTo(NodeId id, UnaryOperator<Message> bend) {
        bending.put(id, bend);
    }

    /** From now on no snapshot arrives, and nobody is told. */
    void loseSnapshots(boolean itDoes) {
        losesSnapshots = itDoes;
    }

    FaultyDisk disk(NodeId id) {
        FaultyDisk disk = disks.get(id);
        if (disk == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return disk;
    }

    Member member(NodeId id) {
        Member found = up.get(id);
        if (found == null) {
            throw new IllegalArgumentException("node " + id + " is down");
        }
        return found;
    }

    /** The member is gone from one moment to the next, and its disk keeps only what it must. */
    void crash(Member member) {
        up.remove(member.id);
        FaultyDisk disk = disks.get(member.id);
        if (disk != null) {
            disk.crash(FaultyDisk.Outcome.LOST, random);
        }
    }

    /** The process of this member ends; what it wrote stays in the files, synced or not. */
    void kill(Member member) {
        up.remove(member.id);
        disk(member.id).kill();
    }

    /** Nobody hears this member and it hears nobody. */
    void isolate(Member member) {
        for (NodeId other : membership.all()) {
            cut.add(member.id + ">" + other);
            cut.add(other + ">" + member.id);
        }
    }

    void cutLink(NodeId from, NodeId to) {
        cut.add(from + ">" + to);
    }

    void heal() {
        cut.clear();
    }

    void startAllThatAreDown() {
        membership.all().stream().filter(id -> !up.containsKey(id)).toList().forEach(this::start);
    }

    List<Member> members() {
        return List.copyOf(up.values());
    }

    /** Every member takes a turn, then everything that was sent by then arrives. */
    void turn() {
        nowNanos += TURN_NANOS;
        turnInNoTime();
    }

    /** As {@link #turn}, at the same instant as the one before. */
    void turnInNoTime() {
        up.values().forEach(Member::turn);
        int count = inFlight.size();
        for (int i = 0; i < count; i++) {
            Runnable next = inFlight.poll();
            if (next != null) {
                next.run();
            }
        }
    }

    /** As {@link #turn}, but each message may be lost. */
    void lossyTurn(double lossRate) {
        inFlight.removeIf(message -> random.nextDouble() < lossRate);
        turn();
    }

    void loseAllInFlight() {
        inFlight.clear();
    }

    void runUntil(String what, BooleanSupplier condition) {
        for (int i = 0; i < PATIENCE_TURNS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            turn();
        }
        throw new AssertionError("not within " + PATIENCE_TURNS + " turns: " + what);
    }

    /** All members at once did not run for a while. */
    void pause(long nanos) {
        nowNanos += nanos;
    }

    void run(int turns) {
        for (int i = 0; i < turns; i++) {
            turn();
        }
    }

    /** Time enough for every request to time out. */
    void runPastTheRequestTimeout() {
        run((int) (Stages.requestTimeoutNanos(RAFT) / TURN_NANOS) + 50);
    }

    void moveLeadership(Member from, Member to) {
        from.stages.driver.move(new Arrival.Move(to.id, failure -> {}));
        runUntil("node " + to.id + " leads", () -> to.view().isLeader());
    }

    /** The one that leads, once all that run know it. */
    Member leader() {
        List<Member> found = new ArrayList<>();
        runUntil("a leader", () -> {
            found.clear();
            up.values().stream().filter(member -> member.view().isLeader()).forEach(found::add);
            return found.size() == 1
                    && up.values().stream()
                            .allMatch(member ->
                                    found.get(0).id.equals(member.view().leader()));
        });
        return found.get(0);
    }

    List<Member> followers() {
        return followers(leader());
    }

    /** All that run but {@code leader}. */
    List<Member> followers(Member leader) {
        return up.values().stream().filter(member -> member != leader).toList();
    }
}
