package io.axolotl.raft.model;

import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.Ready;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.BoastfulLog;
import io.axolotl.raft.testing.ForgetfulLog;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.SafetyChecker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One node of the model: the real core, a disk, and a driver that obeys the order of a {@code Ready} one event at a time. It
 * judges what a node can be judged by alone: what it promises is durable, what it applies is durable here, terms and votes
 * never go back, the membership in force is the newest of its log.
 *
 * <p>Used for one event after another and thrown away. Confined to the test's thread.
 */
final class ModelNode {
    /** No moment is 0, which means "never" in the core's fields. */
    private static final long ORIGIN_NANOS = 1_000_000_000_000L;

    private static final int MOST_READIES = 50;

    private final Model model;
    private final NodeId self;
    private final ModelBug bug;
    private final SafetyChecker promises = new SafetyChecker();
    private final TreeMap<Long, NodeId> votes = new TreeMap<>();
    private final Deque<PersistToken> unreported = new ArrayDeque<>();
    private final List<Entry> log = new ArrayList<>();

    private MemoryDisk disk;
    private RaftNode raft;
    private long nowNanos = ORIGIN_NANOS;
    private @Nullable PersistToken newestToken;
    private long toldCommitIndex;
    private long readCount;

    /** Of a message of an earlier term, while it is answered. */
    private long lateRound;

    /** As it was when it was asked for a change, while it takes that in. */
    private @Nullable NodeView asked;

    private final TreeMap<NodeId, Long> matches = new TreeMap<>();
    private long matchesTerm;

    private Effects effects = new Effects();

    ModelNode(Model model, int node, ModelBug bug) {
        this.model = model;
        this.bug = bug;
        self = new NodeId(node + 1L);
        disk = emptyDisk();
        raft = start();
    }

    private MemoryDisk emptyDisk() {
        Model.Disk held = model.disk(Math.toIntExact(self.value()) - 1);
        return new MemoryDisk(held.hardState(), model.membership(), held.entries());
    }

    private RaftNode start() {
        log.clear();
        log.addAll(onDisk());
        unreported.clear();
        newestToken = null;
        promises.started(self, EntryId.ZERO, log);
        HardState remembered = disk.hardState();
        raft = new RaftNode(
                self,
                model.config(),
                minimum -> minimum,
                remembered,
                disk.snapshot().metadata(),
                bent(disk, remembered.commitIndex()),
                0,
                nowNanos);
        toldCommitIndex = raft.view().commitIndex();
        return raft;
    }

    /** What the core reads, as the bug would have it. */
    private LogReader bent(LogReader reader, long commitIndex) {
        return switch (bug) {
            case MEMBERSHIP_ON_COMMIT -> new ForgetfulLog(reader, commitIndex);
            case CHANGE_BEFORE_OWN_COMMIT -> new BoastfulLog(reader, this::toldTerm);
            default -> reader;
        };
    }

    /** While a change is asked for, the newest committed entry pretends to be of the leader's own term. */
    private long toldTerm(long index) {
        NodeView leader = asked;
        return leader != null && index == leader.commitIndex() ? leader.term() : disk.term(index);
    }

    /** Takes an event that it has taken before, when it was judged. */
    void repeat(Event event, int argument, @Nullable Packet packet) {
        effects = new Effects();
        run(event, argument, packet);
    }

    /** Takes one event and obeys what follows from it. */
    Effects take(Event event, int argument, @Nullable Packet packet) {
        effects = new Effects();
        try {
            // What it was before, which must not go back.
            promises.observed(raft.view());
            run(event, argument, packet);
            promises.observed(raft.view());
            requireNewestMembership();
        } catch (AssertionError | IllegalArgumentException | IllegalStateException e) {
            effects.violation = String.valueOf(e.getMessage());
        }
        return effects;
    }

    private void run(Event event, int argument, @Nullable Packet packet) {
        switch (event) {
            case RECEIVE, RECEIVE_COPY -> {
                if (packet == null) {
                    throw new AssertionError("nothing to receive");
                }
                receive(packet.from(), packet.message());
            }
            case ELECTION_TIMEOUT -> pass(model.config().electionTimeoutNanos());
            case HEARTBEAT -> pass(model.config().heartbeatIntervalNanos());
            case SYNC -> sync();
            case REPORT -> report();
            case READY -> takeReady();
            case RESTART -> restart();
            case PROPOSE -> step(new Input.Propose(argument, new byte[] {(byte) argument}));
            case CHANGE -> change(argument);
            case READ -> read();
        }
    }

    private void change(int argument) {
        asked = raft.view();
        raft.step(new Input.ChangeMembership(1000 + argument, model.change()));
        asked = null;
        obey();
    }

    private void pass(long nanos) {
        nowNanos += nanos;
        step(new Input.Tick(nowNanos));
    }

    private void step(Input input) {
        raft.step(input);
        obey();
    }

    private void obey() {
        if (model.isReadyApart()) {
            return;
        }
        for (int i = 0; raft.hasReady(); i++) {
            if (i == MOST_READIES) {
                throw new AssertionError("node " + self + " always has one more Ready");
            }
            takeReady();
        }
    }

    private void takeReady() {
        Ready ready = raft.takeReady();
        promises.appended(self, ready.entriesToPersist());
        for (Entry entry : ready.entriesToPersist()) {
            log.subList(Math.toIntExact(entry.index() - 1), log.size()).clear();
            log.add(entry);
            requireOwnCommitBefore(entry);
        }
        toldCommitIndex = raft.view().commitIndex();
        if (ready.persistToken() != null) {
            newestToken = ready.persistToken();
        }
        disk.write(bug == ModelBug.SEND_BEFORE_SYNC ? withoutPromises(ready) : ready);
        ready.sendNow().forEach(this::send);
        if (bug == ModelBug.SEND_BEFORE_SYNC) {
            ready.sendAfterPersist().forEach(this::send);
        }
        for (ReadState state : ready.readStates()) {
            if (state instanceof ReadState.Confirmed confirmed) {
                effects.answers.add(new Effects.Answer(self, confirmed.readId(), confirmed.index()));
            }
        }
        if (!ready.committed().isEmpty()) {
            apply(ready.committed());
        }
    }

    private static Ready withoutPromises(Ready ready) {
        return new Ready(
                ready.hardState(),
                ready.entriesToPersist(),
                ready.snapshotToInstall(),
                ready.persistToken(),
                ready.sendNow(),
                List.of(),
                ready.committed(),
                ready.readStates(),
                ready.proposalOutcomes(),
                ready.trace());
    }

    private void apply(List<Entry> committed) {
        for (Entry entry : committed) {
            boolean isOnDisk = entry.index() <= disk.last().index() && disk.term(entry.index()) == entry.term();
            if (!isOnDisk) {
                throw new AssertionError("Durability: " + Story.name(self) + " is given " + Story.entry(entry)
                        + " to apply, which its disk does not hold");
            }
            if (!entry.equals(log.get(Math.toIntExact(entry.index() - 1)))) {
                throw new AssertionError(Story.name(self) + " is given " + Story.entry(entry)
                        + " to apply, which its log does not hold");
            }
        }
        raft.step(new Input.Applied(committed.get(committed.size() - 1).index()));
    }

    private void restart() {
        disk.crash();
        HardState remembered = disk.hardState();
        if (bug == ModelBug.SYNC_LIES) {
            disk = emptyDisk();
        } else if (bug == ModelBug.VOTE_FORGOTTEN) {
            disk = new MemoryDisk(
                    new HardState(remembered.term(), null, remembered.commitIndex()), model.membership(), onDisk());
        }
        start();
        obey();
    }

    private void sync() {
        MemoryDisk.Synced synced = disk.sync(1);
        synced.promises().forEach(this::send);
        PersistToken token = synced.token();
        if (token != null) {
            unreported.addLast(token);
        }
        if (!model.isReportApart()) {
            report();
        }
    }

    private void report() {
        PersistToken token = unreported.removeLast();
        unreported.clear();
        PersistToken newest = newestToken;
        if (bug == ModelBug.NEWEST_TOKEN && newest != null) {
            token = newest;
        } else if (bug == ModelBug.TOKEN_BY_INDEX && newest != null) {
            token = new PersistToken(newest.logEpoch(), token.term(), token.votedFor(), token.lastEntry());
        }
        step(new Input.Persisted(token));
    }

    private void read() {
        effects.askedRead = ++readCount;
        NodeView view = raft.view();
        if (bug == ModelBug.READ_WITHOUT_QUORUM && view.isLeader()) {
            effects.answers.add(new Effects.Answer(self, readCount, view.commitIndex()));
            return;
        }
        step(new Input.ReadIndex(readCount));
    }

    // Messages, as they are or bent

    private void receive(NodeId from, Message message) {
        Message bent = message;
        if (bug == ModelBug.STALE_VOTE_COUNTED
                && message instanceof Message.RequestVoteResponse vote
                && vote.isGranted()) {
            bent = new Message.RequestVoteResponse(
                    Math.max(vote.term(), raft.view().term()), true);
        } else if (bug == ModelBug.PREVIOUS_NOT_CHECKED && message instanceof Message.AppendEntries append) {
            bent = withOwnPrevious(append);
        } else if (bug == ModelBug.OLD_READ_ROUND && message instanceof Message.HeartbeatResponse answer) {
            bent = new Message.HeartbeatResponse(answer.term(), 1000, answer.lastIndex());
        } else if (bug == ModelBug.OLD_READ_ROUND && message instanceof Message.AppendEntriesResponse answer) {
            bent = new Message.AppendEntriesResponse(
                    answer.term(), answer.isAccepted(), answer.index(), answer.hint(), 1000, answer.epoch());
        }
        if (message instanceof Message.AppendEntriesResponse answer && answer.isAccepted()) {
            noteMatch(from, answer);
        }
        boolean isLate = message.term() < raft.view().term();
        lateRound = isLate && message instanceof Message.Heartbeat heartbeat ? heartbeat.readRound() : 0;
        raft.step(new Input.Receive(from, bent));
        Membership membership = raft.view().membership();
        if (bug == ModelBug.NEW_VOTER_FOR_OLD
                && message instanceof Message.AppendEntriesResponse
                && membership.voters().contains(from)) {
            for (NodeId old : membership.outgoingVoters()) {
                if (!old.equals(self) && !membership.voters().contains(old)) {
                    raft.step(new Input.Receive(old, bent));
                }
            }
        }
        obey();
        lateRound = 0;
    }

    private Message.AppendEntries withOwnPrevious(Message.AppendEntries append) {
        long index = append.previous().index();
        if (index == 0 || index > log.size()) {
            return append;
        }
        return new Message.AppendEntries(
                append.term(),
                log.get(Math.toIntExact(index - 1)).id(),
                append.entries(),
                append.commitIndex(),
                append.readRound(),
                append.epoch());
    }

    private void noteMatch(NodeId from, Message.AppendEntriesResponse answer) {
        if (answer.term() > matchesTerm) {
            matches.clear();
            matchesTerm = answer.term();
        }
        if (answer.term() == matchesTerm) {
            matches.merge(from, answer.index(), Math::max);
        }
    }

    private void send(Envelope envelope) {
        Message message = bend(envelope);
        promises.sent(
                self, envelope.to(), message, disk.hardState(), disk.last().index());
        if (message instanceof Message.RequestVoteResponse answer && answer.isGranted()) {
            votes.put(answer.term(), envelope.to());
        } else if (message instanceof Message.RequestVote request) {
            votes.put(request.term(), self);
        }
        effects.sent.add(new Packet(self, envelope.to(), message));
    }

    private Message bend(Envelope envelope) {
        Message message = envelope.message();
        NodeView view = raft.view();
        if (bug == ModelBug.MORE_THAN_PROVEN
                && message instanceof Message.AppendEntriesResponse answer
                && answer.isAccepted()) {
            return new Message.AppendEntriesResponse(
                    answer.term(), true, view.lastLog().index(), answer.hint(), answer.readRound(), answer.epoch());
        }
        if (bug == ModelBug.COMMIT_PAST_PROVEN && message instanceof Message.Heartbeat heartbeat) {
            return new Message.Heartbeat(heartbeat.term(), view.commitIndex(), heartbeat.readRound());
        }
        if (bug == ModelBug.ROUND_OF_ANOTHER_TERM && message instanceof Message.HeartbeatResponse answer) {
            return new Message.HeartbeatResponse(
                    answer.term(), Math.max(lateRound, answer.readRound()), answer.lastIndex());
        }
        if (bug == ModelBug.COMMIT_OLD_TERM && view.isLeader()) {
            long agreed = countedIndex(view);
            if (message instanceof Message.Heartbeat heartbeat) {
                long told = Math.min(agreed, matches.getOrDefault(envelope.to(), 0L));
                return new Message.Heartbeat(
                        heartbeat.term(), Math.max(heartbeat.commitIndex(), told), heartbeat.readRound());
            }
            if (message instanceof Message.AppendEntries append) {
                return new Message.AppendEntries(
                        append.term(),
                        append.previous(),
                        append.entries(),
                        Math.max(append.commitIndex(), agreed),
                        append.readRound(),
                        append.epoch());
            }
        }
        return message;
    }

    /** What a majority holds durably, as a leader counts that has forgotten Raft §5.4.2. */
    private long countedIndex(NodeView view) {
        if (matchesTerm != view.term()) {
            return 0;
        }
        long[] durable = model.membership().voters().stream()
                .mapToLong(voter -> voter.equals(self) ? view.durableIndex() : matches.getOrDefault(voter, 0L))
                .sorted()
                .toArray();
        return durable[(durable.length - 1) / 2];
    }

    // What it is now

    /** I16: the newest membership of the log is in force, committed or not. */
    private void requireNewestMembership() {
        if (raft.hasReady()) {
            return;
        }
        Membership newest = model.membership();
        for (Entry entry : log) {
            if (entry.kind() == Entry.Kind.MEMBERSHIP) {
                newest = Membership.decode(entry.payload());
            }
        }
        NodeView view = raft.view();
        if (!newest.equals(view.membership())) {
            throw new AssertionError("I16: on " + Story.name(self) + " " + Story.membership(view.membership())
                    + " is in force, but its log brings " + Story.membership(newest));
        }
    }

    /** M2: a leader of which nothing is committed yet may not know of another's change (pitfall 35). */
    private void requireOwnCommitBefore(Entry entry) {
        NodeView view = raft.view();
        boolean isOwnChange = entry.kind() == Entry.Kind.MEMBERSHIP && view.isLeader() && entry.term() == view.term();
        long committed = view.commitIndex();
        if (isOwnChange
                && (committed == 0 || log.get(Math.toIntExact(committed - 1)).term() != view.term())) {
            throw new AssertionError("I16: " + Story.name(self) + " begins a change by " + Story.entry(entry)
                    + " before anything of its term is committed");
        }
    }

    List<Entry> onDisk() {
        return disk.last().index() == 0
                ? List.of()
                : disk.entries(1, disk.last().index() + 1, Long.MAX_VALUE);
    }

    List<Entry> log() {
        return List.copyOf(log);
    }

    NodeView view() {
        return raft.view();
    }

    boolean hasReady() {
        return raft.hasReady();
    }

    int waitingCount() {
        return disk.waitingCount();
    }

    int unreportedCount() {
        return unreported.size();
    }

    /** The highest index that the node has called committed in a {@code Ready}, as far as its log has been told. */
    long toldCommitIndex() {
        return Math.min(toldCommitIndex, log.size());
    }

    HardState hardState() {
        return disk.hardState();
    }

    /** Everything that what it does from now on depends on, and what it has promised. */
    Shape shape() {
        return new Shape.Row(Arrays.asList(
                new Shape.Name(self),
                CoreShape.of(raft, nowNanos),
                DiskShape.of(disk, nowNanos),
                CoreShape.of(unreported, nowNanos),
                CoreShape.of(votes, nowNanos),
                CoreShape.of(log, nowNanos),
                new Shape.Value(toldCommitIndex),
                new Shape.Value(readCount),
                // Only what is planted looks at these.
                bug == ModelBug.COMMIT_OLD_TERM ? CoreShape.of(matches, nowNanos) : new Shape.Value(0),
                bug == ModelBug.NEWEST_TOKEN || bug == ModelBug.TOKEN_BY_INDEX
                        ? CoreShape.of(newestToken, nowNanos)
                        : new Shape.Value(0)));
    }

    /** For people. */
    String describe() {
        NodeView view = raft.view();
        StringBuilder text = new StringBuilder();
        text.append(Story.name(self)).append(": ");
        text.append(
                view.role() == TraceEvent.RoleName.LEADER
                        ? "LEADER"
                        : view.role().word());
        text.append(" of term ").append(view.term());
        text.append(", log");
        log.forEach(entry -> text.append(' ').append(Story.entry(entry)));
        text.append(log.isEmpty() ? " empty" : "");
        text.append(", on disk through ").append(disk.last().index());
        text.append(", committed ").append(view.commitIndex());
        return text.toString();
    }
}
