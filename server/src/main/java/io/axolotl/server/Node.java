package io.axolotl.server;

import io.axolotl.raft.Availability;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.Intake;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.Pipeline;
import io.axolotl.server.driver.PipelineMetrics;
import io.axolotl.server.driver.Rehearsal;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.peer.GrpcPeerTransport;
import io.axolotl.server.peer.Habits;
import io.axolotl.server.peer.Handshake;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.Recovery;
import io.axolotl.server.recovery.RecoveryRecord;
import io.axolotl.server.scrub.Scrubber;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a cluster, running: recovered from its folder, talking to its peers, taking calls. Life: {@link #start},
 * then calls, then {@link #stop} or {@link #abort}.
 *
 * <p>Safe for all threads.
 */
public final class Node implements NodeService {
    private static final Logger log = LoggerFactory.getLogger(Node.class);
    private static final long PUBLISH_AGAIN_MILLIS = 200;

    /** Enough for the first compiler to see what is busy, and a fraction of a second of one processor. */
    private static final int REHEARSED_ROUNDS = 100;

    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final NodeConfig config;
    private final RecoveredState recovered;
    private final GrpcPeerTransport transport;
    private final Pipeline pipeline;
    private final List<InetSocketAddress> peerAddresses;
    private final Removal removal;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final AtomicBoolean isEnded = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch isUp = new CountDownLatch(1);
    private volatile RecoveryRecord recovery;

    private Node(
            NodeConfig config,
            RecoveredState recovered,
            RecoveryRecord recovery,
            GrpcPeerTransport transport,
            Pipeline pipeline,
            List<InetSocketAddress> peerAddresses,
            Removal removal) {
        this.config = config;
        this.recovered = recovered;
        this.recovery = recovery;
        this.transport = transport;
        this.pipeline = pipeline;
        this.peerAddresses = peerAddresses;
        this.removal = removal;
    }

    /**
     * Recovers what the data folder holds, starts the loops and joins the peers. Returns when the node takes calls, which
     * is before it has a leader; {@link #awaitUp} waits for more.
     *
     * @throws io.axolotl.server.recovery.RecoveryFailedException if the folder cannot be used, naming the step
     * @throws UncheckedIOException if a peer address cannot be listened on
     */
    public static Node start(NodeConfig config) {
        NodeConfig.Surroundings around = config.surroundings();
        RecoveredState recovered = new Recovery(new Recovery.Settings(
                        around.disk(),
                        config.dataDir(),
                        config.origin(),
                        config.name(),
                        config.peerUrls(),
                        config.wal(),
                        around.engines()))
                .recover();
        NodeId self = recovered.identity().memberId();
        Roster roster = recovered.stateMachine().roster();
        AtomicReference<Roster> known = new AtomicReference<>(roster);
        PipelineMetrics metrics = new PipelineMetrics(around.metrics(), self, othersIn(roster, self));
        Intake intake = new Intake(metrics);
        Answers answers = new Answers(recovered.founding(), recovered.knownStores());
        Handshake handshake = new Handshake(
                new Handshake.Self(
                        recovered.identity().clusterId(),
                        self,
                        recovered.identity().storeId(),
                        recovered.starts(),
                        new SecureRandom().nextLong(),
                        config.peerUrls(),
                        answersForThrough(recovered)),
                known::get,
                answers::isNamedByLog,
                recovered.knownStores(),
                Habits.of(config.raft()));
        Removal removal = new Removal();
        GrpcPeerTransport transport = new GrpcPeerTransport(
                self,
                new GrpcPeerTransport.Settings(
                        config.raft().heartbeatIntervalNanos(),
                        config.raft().electionTimeoutNanos(),
                        config.snapshotBytesPerSecond(),
                        config.security(),
                        around.route()),
                handshake,
                recovered.snapshotStore(),
                intake,
                answers,
                metrics,
                () -> removal.happened("a member says so"),
                around.fatal());
        transport.follow(roster);
        Pipeline pipeline = null;
        try {
            long startNanos = System.nanoTime();
            pipeline = new Pipeline(
                    recovered,
                    config.raft(),
                    config.tuning(),
                    around.between().peers(transport, intake),
                    intake,
                    metrics,
                    around.monitor(),
                    now -> {
                        known.set(now);
                        transport.follow(now);
                        if (now.hasLeft(self)) {
                            removal.happened("its removal is committed");
                        }
                    },
                    around.fatal());
            answers.pipeline = pipeline;
            pipeline.start();
            RecoveryRecord record = recovered
                    .record()
                    .with(new RecoveryRecord.Step(
                            "start as a follower",
                            System.nanoTime() - startNanos,
                            "term " + pipeline.view().term() + ", applies from " + (pipeline.appliedIndex() + 1)));
            startNanos = System.nanoTime();
            List<InetSocketAddress> listening = transport.start(config.listenPeers());
            record = record.with(
                    new RecoveryRecord.Step("join the peers", System.nanoTime() - startNanos, "on " + listening));
            Node node = new Node(config, recovered, record, transport, pipeline, listening, removal);
            node.comeUp(metrics);
            return node;
        } catch (IOException e) {
            close(transport, pipeline, recovered);
            throw new UncheckedIOException(
                    "cannot listen for peers on " + config.listenPeers()
                            + config.security().listen() + ": " + e.getMessage()
                            + "; is another process using the port?",
                    e);
        } catch (RuntimeException e) {
            close(transport, pipeline, recovered);
            throw e;
        }
    }

    /** As {@link Handshake.Self#lastIndex} has it: the others must not refuse a member that repairs its log. */
    private static long answersForThrough(RecoveredState recovered) {
        return recovered.embargo() == null ? recovered.wal().last().index() : Long.MAX_VALUE;
    }

    private static Set<NodeId> othersIn(Roster roster, NodeId self) {
        return roster.toReach().stream()
                .map(member -> new NodeId(member.id()))
                .filter(id -> !id.equals(self))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What this node tells a process that asks, before and beside the streams. */
    private static final class Answers implements PeerQuestions {
        private final Founding founding;
        private final KnownStores met;
        private volatile @Nullable Pipeline pipeline;

        Answers(Founding founding, KnownStores met) {
            this.founding = founding;
            this.met = met;
        }

        private Pipeline pipeline() {
            // Set before the transport begins to listen.
            return Objects.requireNonNull(pipeline);
        }

        /** Whether the log has that node in its membership, applied and committed or not. */
        boolean isNamedByLog(NodeId node) {
            return pipeline().view().membership().contains(node);
        }

        @Override
        public ClusterDescription describe() {
            Pipeline node = pipeline();
            KvStateMachine state = node.store();
            return new ClusterDescription(
                    node.clusterId(),
                    founding,
                    node.appliedIndex(),
                    state.roster().toReach().stream().map(this::asMet).toList());
        }

        /** A member may have been met, and may have voted, before it could tell the cluster of its store. */
        private MemberAttributes asMet(MemberAttributes member) {
            return member.storeId() != null
                    ? member
                    : met.of(new NodeId(member.id()))
                            .map(known -> member.on(known.store()))
                            .orElse(member);
        }

        @Override
        public Readiness readiness(NodeId learner) {
            return pipeline().readiness(learner);
        }

        @Override
        public void lease(LeaseQuestion question, Consumer<LeaseAnswer> answer) {
            pipeline().leaseAsked(question, answer);
        }
    }

    private static void close(GrpcPeerTransport transport, @Nullable Pipeline pipeline, RecoveredState recovered) {
        transport.close();
        if (pipeline != null) {
            pipeline.abort();
        }
        recovered.close(pipeline == null ? recovered.stateMachine() : pipeline.store());
    }

    // ---- coming up ----

    /** Follows the rest of the recovery on a thread that ends with it. */
    private void comeUp(PipelineMetrics metrics) {
        long startNanos = System.nanoTime();
        long appliedAtStart = pipeline.appliedIndex();
        for (RecoveryRecord.Step step : recovery.steps()) {
            metrics.recoveryStep(step.name(), step.nanos());
        }
        ProcessThreads.named(
                        "axolotl-" + self() + "-startup",
                        () -> {
                            if (!awaitBarrier()) {
                                return;
                            }
                            RecoveryRecord.CatchUp catchUp = new RecoveryRecord.CatchUp(
                                    System.nanoTime() - startNanos,
                                    pipeline.appliedIndex() - appliedAtStart,
                                    pipeline.lastInstalled());
                            metrics.caughtUp(catchUp.nanos(), catchUp.entries());
                            recovery = recovery.with(catchUp);
                            pipeline.onWorkerUnlessStopped(recovered::stateIsWhole);
                            log.info("node {} is up: {}", self(), recovery.toText());
                            isUp.countDown();
                            publishSelf();
                            int unused = Rehearsal.play(REHEARSED_ROUNDS);
                        },
                        config.surroundings().fatal())
                .start();
    }

    /** Waits until everything that is committed now has been applied here. @return false if the node ends before */
    private boolean awaitBarrier() {
        while (ending.getCount() > 0) {
            CompletableFuture<Optional<Failure>> answer = new CompletableFuture<>();
            pipeline.readBarrier(failure -> answer.complete(Optional.ofNullable(failure)));
            if (answer.join().isEmpty()) {
                return true;
            }
            if (!pauseUnlessEnding()) {
                return false;
            }
        }
        return false;
    }

    /** @return false if this node ends */
    private boolean pauseUnlessEnding() {
        try {
            return !ending.await(PUBLISH_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Tells the cluster what this member is called, where clients find it and which data folder it has (CL-5). */
    private void publishSelf() {
        Command.PublishMember command = new Command.PublishMember(
                self().value(),
                config.name(),
                config.peerUrls(),
                config.clientUrls(),
                recovered.identity().storeId());
        while (!isPublished()) {
            CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
            pipeline.propose(Caller.MEMBER, command, answer::complete);
            if (answer.join() instanceof ProposalResult.Done done
                    && done.result() instanceof CommandResult.Refused refused
                    && refused.why() == Refusal.STORE_REPLACED) {
                config.surroundings()
                        .fatal()
                        .fatal(
                                "the cluster knows member " + self() + " with another data folder than "
                                        + config.dataDir() + ": remove the member and add it again with an empty one",
                                null);
                return;
            }
            if (!isPublished() && !pauseUnlessEnding()) {
                return;
            }
        }
    }

    private boolean isPublished() {
        return store().roster()
                .find(self())
                .filter(known -> known.name().equals(config.name())
                        && known.clientUrls().equals(config.clientUrls())
                        && known.storeId() != null)
                .isPresent();
    }

    /**
     * Ends when this member has been removed from its cluster, and the others have had the time to hear that it knows. What is
     * left to do is to stop.
     */
    public CompletableFuture<String> removal() {
        return removal.told.thenApplyAsync(
                why -> why,
                CompletableFuture.delayedExecutor(2 * config.raft().electionTimeoutNanos(), TimeUnit.NANOSECONDS));
    }

    /** That this member was removed, heard once. Safe for all threads. */
    private static final class Removal {
        private final CompletableFuture<String> told = new CompletableFuture<>();

        void happened(String how) {
            if (told.complete(Handshake.REMOVED)) {
                log.error("{} ({}); this server stops, and its data folder is of no more use", Handshake.REMOVED, how);
            }
        }
    }

    /**
     * Waits until everything that was committed at the start is applied here, which takes a leader.
     *
     * @return false if that has not come about in time
     */
    public boolean awaitUp(long timeout, TimeUnit unit) throws InterruptedException {
        return isUp.await(timeout, unit);
    }

    /** How this start went. Grows by one part when the node has caught up with the others. */
    public RecoveryRecord recovery() {
        return recovery;
    }

    /** Where this node listens for its peers, with the port that was chosen if 0 was asked for. */
    public List<InetSocketAddress> peerAddresses() {
        return peerAddresses;
    }

    /** What the scrub reads; until this node ends. */
    public Scrubber.Subjects scrubbed() {
        return new Scrubbed();
    }

    /** Whether clients keep this member so busy that what can wait should. */
    public boolean isBusy() {
        return pipeline.isBusy();
    }

    /** Whether the watchdog of this node has found all of its threads well within that time. */
    public boolean isWatched(Duration within) {
        return pipeline.isWatched(within.toNanos());
    }

    private final class Scrubbed implements Scrubber.Subjects {
        @Override
        public void verifyLog(LongConsumer read) {
            recovered.wal().verifySealed(read);
        }

        @Override
        public void verifyState(LongConsumer read) {
            pipeline.store().verifyFiles(read);
        }

        @Override
        public List<String> verifySnapshots(LongConsumer read) {
            return recovered.snapshotStore().verifyAll(read);
        }

        @Override
        public void replaceSnapshot() {
            pipeline.replaceSnapshot();
        }

        @Override
        public void flushState() {
            pipeline.store().flush();
        }
    }

    // ---- calls ----

    @Override
    public NodeId self() {
        return pipeline.self();
    }

    @Override
    public long clusterId() {
        return pipeline.clusterId();
    }

    @Override
    public NodeView view() {
        return pipeline.view();
    }

    @Override
    public KvStateMachine store() {
        return pipeline.store();
    }

    @Override
    public Optional<StateArchive> archive(KvStateMachine state) {
        return pipeline.archive(state);
    }

    @Override
    public boolean isTrusted() {
        return pipeline.isTrusted();
    }

    @Override
    public void propose(Caller caller, Command command, ProposalCallback callback) {
        pipeline.propose(caller, command, callback);
    }

    @Override
    public void hearTokens(TokenListener listener) {
        pipeline.hearTokens(listener);
    }

    @Override
    public void readBarrier(ReadCallback callback) {
        pipeline.readBarrier(callback);
    }

    @Override
    public void awaitRoster(Predicate<Roster> reached, long patienceNanos, ReadCallback onReached) {
        pipeline.awaitRoster(reached, patienceNanos, onReached);
    }

    @Override
    public void follow(HistoryFollower follower) {
        pipeline.follow(follower);
    }

    @Override
    public long connectedSinceNanos(NodeId member) {
        return pipeline.connectedSinceNanos(member);
    }

    @Override
    public void askReadiness(NodeId learner, ReadinessCallback callback) {
        pipeline.askReadiness(learner, callback);
    }

    @Override
    public void askLease(LeaseQuestion question, LeaseCallback callback) {
        pipeline.askLease(question, callback);
    }

    @Override
    public long shortestLeaseSeconds() {
        return pipeline.shortestLeaseSeconds();
    }

    @Override
    public void moveLeader(NodeId target, MoveLeaderCallback callback) {
        pipeline.moveLeader(target, callback);
    }

    // ---- the end ----

    /**
     * Hands leadership over, finishes what was taken on, makes the state durable and closes everything. Takes a few seconds
     * at most when all is well; calls that cannot be finished are answered as refused or unknown.
     */
    public void stop() {
        if (!isEnded.compareAndSet(false, true)) {
            return;
        }
        ending.countDown();
        handLeadershipOver();
        pipeline.closeIntake(DRAIN_NANOS);
        pipeline.stop();
        transport.close();
        KvStateMachine state = pipeline.store();
        try {
            makeDurable(state);
        } finally {
            recovered.close(state);
            ended.countDown();
        }
        log.info("node {} has stopped, its state is durable through {}", self(), state.durable());
    }

    /** What finds no room is no loss: it comes back from the log, and from the peers. */
    private void makeDurable(KvStateMachine state) {
        try {
            state.flush();
            recovered.knownStores().save();
        } catch (EngineException | DiskFullException e) {
            if (!isForLackOfRoom(e)) {
                throw e;
            }
            log.warn(
                    "the disk is full, so the next start has more of the log to replay: {}. Make room, then start again",
                    e.getMessage());
        }
    }

    /** A state whose last run was given up since it found no room says so by its cause. */
    private static boolean isForLackOfRoom(RuntimeException e) {
        return e instanceof DiskFullException
                || e instanceof EngineFullException
                || e.getCause() instanceof EngineFullException;
    }

    /**
     * Ends at once, as if the process had been killed: nothing is handed over, finished or made durable. For what runs
     * several nodes in one process; a process that is to end this way is halted instead.
     */
    public void abort() {
        if (!isEnded.compareAndSet(false, true)) {
            return;
        }
        ending.countDown();
        transport.close();
        pipeline.abort();
        try {
            recovered.close(pipeline.store());
        } finally {
            ended.countDown();
        }
    }

    /** Whether everything has been let go of. */
    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    private void handLeadershipOver() {
        NodeView view = view();
        if (!view.isLeader()) {
            return;
        }
        Optional<NodeView.PeerView> best = view.peers().stream()
                .filter(peer -> peer.isRecentlyActive()
                        && peer.reluctance() < Availability.UNFIT
                        && view.membership().isVoter(peer.peer()))
                .max(Comparator.comparingLong(NodeView.PeerView::matchIndex));
        if (best.isEmpty()) {
            return;
        }
        CountDownLatch moved = new CountDownLatch(1);
        pipeline.moveLeader(best.get().peer(), failure -> moved.countDown());
        try {
            if (!moved.await(2 * config.raft().electionTimeoutNanos(), TimeUnit.NANOSECONDS)) {
                log.warn("node {} stops without having handed over leadership", self());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
