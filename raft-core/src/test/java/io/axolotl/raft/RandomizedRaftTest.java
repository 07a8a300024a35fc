package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.JointQuorum;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.SafetyChecker;
import io.axolotl.raft.testing.SimulatedNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Whole clusters under loss, repetition, reordering, partitions, pauses, slow disks and crashes, each drawn from one
 * seed. Safety is judged after every event; then the faults end and progress is demanded: two verdicts per seed.
 */
class RandomizedRaftTest {
    private static final int SEEDS = Integer.getInteger("axolotl.seeds", 300);
    private static final long FIRST_SEED = Long.getLong("axolotl.seed", 1);
    private static final int EVENTS = 6000;

    @Test
    @DisplayName("Raft Figure 3 and I13: safe under every fault, live once they end")
    void everySeedIsSafeAndThenLive() {
        TreeMap<String, Integer> marks = new TreeMap<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            World world = new World(seed);
            try {
                world.hurt(EVENTS);
                world.healAndDemandProgress();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + " fails: " + e.getMessage() + "\nlast events:\n  "
                                + String.join("\n  ", world.story)
                                + "\nreplay: mvn -pl raft-core test -Dtest=RandomizedRaftTest -Daxolotl.seeds=1 -Daxolotl.seed="
                                + seed,
                        e);
            }
            world.marks.forEach((mark, count) -> marks.merge(mark, count, Integer::sum));
        }
        if (SEEDS >= 100) {
            requireCoverage(marks);
        }
    }

    /** A run that never sees the rare events proves little. */
    private static void requireCoverage(Map<String, Integer> marks) {
        for (String mark : List.of(
                "SuffixTruncated",
                "SnapshotInstallFinished",
                "SnapshotIgnored",
                "ReadsQueued",
                "ReadsConfirmed",
                "ReadsRefused",
                "TransferEnded",
                "PauseDetected",
                "LeaderGone",
                "DiskJudged",
                "HandoverChosen",
                "ReadLeased",
                "AppendRefused",
                "MembershipCommitted",
                "MembershipRolledBack",
                "RemovedPeerReleased",
                "joint inherited",
                "leader left out",
                "learner promoted",
                "lost in a change",
                "change refused",
                "SteppedDown")) {
            if (!marks.containsKey(mark)) {
                throw new AssertionError("no seed has met " + mark + "; met were " + marks);
            }
        }
    }

    private record Packet(NodeId from, NodeId to, Message message, MemoryDisk.@Nullable StoredSnapshot files) {}

    /** One cluster and its bad luck. */
    private static final class World {
        private static final long MILLI = 1_000_000L;

        private final Random random;
        private final RaftConfig config;
        private final SafetyChecker checker = new SafetyChecker();
        private final TreeMap<NodeId, SimulatedNode> nodes = new TreeMap<>();
        private final List<Packet> network = new ArrayList<>();
        private final TreeSet<String> cuts = new TreeSet<>();
        private final Deque<String> story = new ArrayDeque<>();
        private final TreeMap<String, Integer> marks = new TreeMap<>();
        private int lossPercent;
        private int repeatPercent;
        private final int faultsPerMille;
        private final int snapshotPercent;
        private final int changesPerMille;

        /** Who does not come back when the faults end. */
        private final TreeSet<NodeId> dead = new TreeSet<>();

        /** What each node has told to be in force, at the time of what it tells next. */
        private final TreeMap<NodeId, Membership> inForce = new TreeMap<>();

        private long nowNanos = Long.MAX_VALUE - 2_000_000_000L;
        private long nextId = 1;

        World(long seed) {
            random = new Random(seed);
            boolean isSmall = random.nextBoolean();
            config = new RaftConfig(
                    100 * MILLI,
                    1000 * MILLI,
                    isSmall ? 3 : 100,
                    isSmall ? 200 : 1 << 20,
                    isSmall ? 2 : 16,
                    isSmall ? 500 : 1 << 20,
                    isSmall ? 1000 : 1 << 20,
                    isSmall ? 300 : 1 << 20,
                    random.nextBoolean() ? 0 : 1 << 20,
                    random.nextInt(4) != 0,
                    random.nextInt(4) != 0);
            lossPercent = random.nextInt(3) == 0 ? 0 : random.nextInt(30);
            repeatPercent = random.nextInt(2) == 0 ? 0 : random.nextInt(30);
            faultsPerMille = 1 + random.nextInt(random.nextInt(3) == 0 ? 60 : 12);
            snapshotPercent = random.nextInt(30);
            changesPerMille = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(8);
            Membership membership = membership(1 + random.nextInt(5));
            checker.formed(membership);
            TreeSet<NodeId> all = new TreeSet<>(membership.all());
            int newcomers = random.nextInt(4);
            for (int i = 0; i < newcomers; i++) {
                all.add(new NodeId(6 + i));
            }
            // All clocks here run alike, so a lease needs no allowance for drift.
            Availability availability = config.isCheckQuorum() && random.nextBoolean()
                    ? Availability.standard().withLeaseReads(random.nextInt(2) * 100L * MILLI)
                    : Availability.standard();
            for (NodeId id : all) {
                ElectionTimeouts timeouts = minimum -> minimum + (long) (random.nextDouble() * minimum);
                SimulatedNode node = new SimulatedNode(
                        id,
                        config.withAvailability(availability.withReluctance(random.nextInt(3) * 30)),
                        timeouts,
                        new MemoryDisk(membership),
                        checker,
                        envelope -> send(id, envelope),
                        event -> tell(id, event));
                nodes.put(id, node.withClock(() -> nowNanos));
                start(node);
            }
        }

        /** Sometimes joint, sometimes with a learner: who counts must not depend on how the membership came about. */
        private Membership membership(int voterCount) {
            TreeSet<NodeId> voters = new TreeSet<>();
            for (int i = 1; i <= voterCount; i++) {
                voters.add(new NodeId(i));
            }
            TreeSet<NodeId> outgoing = new TreeSet<>();
            TreeSet<NodeId> learners = new TreeSet<>();
            if (voterCount > 2 && random.nextInt(5) == 0) {
                for (int i = 0; i < 3; i++) {
                    outgoing.add(new NodeId(2 + i));
                }
            }
            if (random.nextInt(4) == 0) {
                learners.add(new NodeId(9));
            }
            return new Membership(voters, outgoing, learners);
        }

        private void send(NodeId from, Envelope envelope) {
            if (cuts.contains(from + ">" + envelope.to()) || random.nextInt(100) < lossPercent) {
                if (envelope.message() instanceof Message.InstallSnapshot) {
                    // The transport promises to tell when a snapshot did not get through.
                    failures.add(new Failure(from, envelope.to()));
                }
                return;
            }
            SimulatedNode sender = node(from);
            MemoryDisk.StoredSnapshot files = null;
            if (envelope.message() instanceof Message.InstallSnapshot install) {
                files = sender.disk().snapshot();
                if (!files.metadata().equals(install.snapshot())) {
                    failures.add(new Failure(from, envelope.to()));
                    return;
                }
            }
            Packet packet = new Packet(from, envelope.to(), envelope.message(), files);
            network.add(packet);
            if (random.nextInt(100) < repeatPercent) {
                network.add(packet);
            }
        }

        private record Failure(NodeId sender, NodeId receiver) {}

        private final List<Failure> failures = new ArrayList<>();

        private void tell(NodeId id, TraceEvent event) {
            marks.merge(event.getClass().getSimpleName(), 1, Integer::sum);
            note(id + " " + event);
            Membership before = membershipOf(id);
            if (event instanceof TraceEvent.MembershipAppended appended) {
                inForce.put(id, appended.membership());
                markChange(id, before, appended.membership());
            } else if (event instanceof TraceEvent.MembershipRolledBack back) {
                inForce.put(id, back.inForce());
            } else if (event instanceof TraceEvent.SnapshotInstallFinished installed) {
                inForce.put(id, installed.snapshot().membership());
            } else if (event instanceof TraceEvent.CommitAdvanced advanced
                    && node(id).view().isLeader()) {
                requireDurableAtQuorum(checker.log(id, advanced.toIndex()).get(0), before);
            } else if (event instanceof TraceEvent.RoleChanged changed
                    && changed.to() == TraceEvent.RoleName.LEADER
                    && before.isJoint()) {
                mark("joint inherited");
            }
        }

        private void markChange(NodeId id, Membership before, Membership now) {
            if (!node(id).view().isLeader()) {
                return;
            }
            if (!now.isVoter(id)) {
                mark("leader left out");
            }
            if (now.voters().stream().anyMatch(before::isLearner)) {
                mark("learner promoted");
            }
        }

        private Membership membershipOf(NodeId id) {
            Membership membership = inForce.get(id);
            if (membership == null) {
                throw new IllegalStateException("node " + id + " was never started");
            }
            return membership;
        }

        private void mark(String what) {
            marks.merge(what, 1, Integer::sum);
        }

        private void start(SimulatedNode node) {
            node.start(nowNanos);
            inForce.put(node.id(), node.view().membership());
        }

        /** Any node may be made anything, several at once; the core has to refuse what must not be. */
        private void changeMembership(SimulatedNode node) {
            MembershipChange change = MembershipChange.NONE;
            List<NodeId> ids = new ArrayList<>(nodes.keySet());
            Collections.shuffle(ids, random);
            int count = 1 + random.nextInt(Math.min(3, ids.size()));
            Membership now = node.view().membership();
            for (NodeId id : ids.subList(0, count)) {
                change = switch (random.nextInt(3)) {
                    case 0 -> now.voters().contains(id) ? change.without(id) : change.withVoter(id);
                    case 1 -> now.isLearner(id) ? change.withVoter(id) : change.withLearner(id);
                    default -> now.contains(id) ? change.without(id) : change.withLearner(id);
                };
            }
            note("change " + change + " at " + node.id());
            long id = nextId++;
            node.step(new Input.ChangeMembership(id, change));
            node.takeReady();
            if (node.outcomes().get(id) instanceof ProposalOutcome.ChangeRefused) {
                mark("change refused");
            }
        }

        /** Pitfall 9: whoever is counted for an entry has it on its disk, the leader itself included. */
        private void requireDurableAtQuorum(EntryId committed, Membership membership) {
            if (!new JointQuorum(membership).isReached(voter -> isOnDisk(voter, committed))) {
                throw new AssertionError(committed + " is called committed, but it is not on the disks of a quorum");
            }
        }

        private boolean isOnDisk(NodeId voter, EntryId id) {
            SimulatedNode node = nodes.get(voter);
            if (node == null) {
                return false;
            }
            MemoryDisk disk = node.disk();
            return id.index() <= disk.previous().index()
                    || (id.index() <= disk.last().index() && disk.term(id.index()) == id.term());
        }

        private void note(String line) {
            story.addLast(line);
            if (story.size() > 60) {
                story.removeFirst();
            }
        }

        private SimulatedNode node(NodeId id) {
            SimulatedNode node = nodes.get(id);
            if (node == null) {
                throw new IllegalArgumentException("no node " + id);
            }
            return node;
        }

        private SimulatedNode any() {
            return List.copyOf(nodes.values()).get(random.nextInt(nodes.size()));
        }

        /**
         * Plays that many random events. The seed has also drawn how much of each fault there is: a run that crashes all
         * the time never gets far enough to lose a snapshot.
         */
        void hurt(int events) {
            for (int i = 0; i < events; i++) {
                SimulatedNode node = any();
                if (isFaultDue()) {
                    fault(node);
                } else {
                    work(node, random.nextInt(100));
                }
                reportFailures();
            }
        }

        private boolean isFaultDue() {
            return random.nextInt(1000) < faultsPerMille;
        }

        private void work(SimulatedNode node, int dice) {
            if (dice < 35) {
                int burst = 1 + random.nextInt(6);
                for (int i = 0; i < burst; i++) {
                    deliverOne();
                }
            } else if (dice < 45) {
                passTime(10 + random.nextInt(40));
            } else if (!node.isUp()) {
                if (random.nextInt(4) == 0) {
                    note("start " + node.id());
                    start(node);
                }
            } else if (isPaused(node)) {
                return;
            } else if (dice < 70) {
                node.takeReady();
                if (dice < 60) {
                    node.sync(Math.min(node.disk().waitingCount(), 1 + random.nextInt(3)));
                }
            } else if (dice < 78) {
                node.sync(Math.min(node.disk().waitingCount(), 1 + random.nextInt(3)));
            } else if (dice < 84) {
                node.apply(1 + random.nextInt(5));
            } else if (dice < 94) {
                node.step(new Input.Propose(nextId, ("v" + nextId).getBytes(StandardCharsets.UTF_8)));
                nextId++;
            } else if (random.nextInt(1000) < changesPerMille * 10) {
                changeMembership(node);
            } else if (dice < 97) {
                node.readIndex(nextId++);
            } else if (dice < 98 && node.isInstalling()) {
                node.completeInstall();
            } else if (random.nextInt(100) < snapshotPercent) {
                node.takeSnapshot();
                node.truncateLog(random.nextInt(4));
            }
        }

        private void fault(SimulatedNode node) {
            switch (random.nextInt(9)) {
                case 0 -> {
                    if (node.isUp()) {
                        crash(node);
                    }
                }
                case 1 -> cutSomething();
                case 2, 3 -> {
                    note("reconnect");
                    cuts.clear();
                }
                case 4 -> {
                    note("pause " + node.id());
                    pausedUntil.put(node.id(), nowNanos + random.nextInt(3000) * MILLI);
                }
                case 5 -> {
                    if (node.isUp()) {
                        node.step(new Input.TransferLeadership(any().id()));
                    }
                }
                case 6 -> {
                    // Mostly wrong: whoever it is said of may be well.
                    if (node.isUp() && !isPaused(node)) {
                        node.step(new Input.PeerGone(any().id()));
                    }
                }
                case 7 -> {
                    if (node.isUp() && !isPaused(node)) {
                        node.step(new Input.SyncObserved(random.nextInt(2000) * MILLI, random.nextBoolean()));
                    }
                }
                default -> {
                    if (node.isUp()) {
                        node.step(new Input.PeerUnreachable(any().id()));
                    }
                }
            }
        }

        private final TreeMap<NodeId, Long> pausedUntil = new TreeMap<>();

        private boolean isPaused(SimulatedNode node) {
            Long until = pausedUntil.get(node.id());
            return until != null && nowNanos - until < 0;
        }

        private void reportFailures() {
            List<Failure> due = List.copyOf(failures);
            failures.clear();
            for (Failure failure : due) {
                SimulatedNode sender = node(failure.sender());
                if (sender.isUp()) {
                    sender.step(new Input.SnapshotFailed(failure.receiver()));
                }
            }
        }

        private void crash(SimulatedNode node) {
            note("crash " + node.id());
            // Some of what waits may have made it to the disk, and its messages out, before the end.
            int waiting = node.disk().waitingCount();
            if (waiting > 0) {
                node.syncQuietly(random.nextInt(waiting + 1));
            }
            node.crash();
            for (SimulatedNode other : nodes.values()) {
                // Whoever was sending a snapshot there learns that it is gone.
                if (other.isUp() && other != node) {
                    other.step(new Input.PeerUnreachable(node.id()));
                    if (!isPaused(other)) {
                        other.step(new Input.PeerGone(node.id()));
                    }
                }
            }
        }

        private void cutSomething() {
            NodeId one = any().id();
            if (random.nextInt(3) == 0) {
                NodeId two = any().id();
                note("cut " + one + " to " + two + " one way");
                cuts.add(one + ">" + two);
                return;
            }
            note("cut off " + one);
            for (NodeId other : nodes.keySet()) {
                cuts.add(one + ">" + other);
                cuts.add(other + ">" + one);
            }
        }

        private void deliverOne() {
            if (network.isEmpty()) {
                return;
            }
            int at = random.nextInt(4) == 0 ? random.nextInt(network.size()) : 0;
            Packet packet = network.remove(at);
            SimulatedNode receiver = node(packet.to());
            if (!receiver.isUp() || cuts.contains(packet.from() + ">" + packet.to())) {
                if (packet.message() instanceof Message.InstallSnapshot) {
                    failures.add(new Failure(packet.from(), packet.to()));
                }
                return;
            }
            if (isPaused(receiver)) {
                network.add(packet);
                return;
            }
            note(packet.from() + " to " + packet.to() + " " + packet.message());
            receiver.receive(packet.from(), packet.message(), packet.files());
        }

        private void passTime(long millis) {
            nowNanos += millis * MILLI;
            for (SimulatedNode node : nodes.values()) {
                if (node.isUp() && !isPaused(node)) {
                    node.step(new Input.Tick(nowNanos));
                }
            }
        }

        void healAndDemandProgress() {
            cuts.clear();
            pausedUntil.clear();
            lossPercent = 0;
            repeatPercent = 0;
            note("all faults end");
            for (SimulatedNode node : nodes.values()) {
                if (!node.isUp()) {
                    start(node);
                }
                node.step(new Input.SyncObserved(MILLI, false));
            }
            loseSome();
            long goal = checker.committedIndex();
            long readId = nextId;
            nextId += 1_000_000;
            boolean hasProposed = false;
            for (int round = 0; round < 1500; round++) {
                stopRemoved();
                passTime(10);
                calm();
                SimulatedNode leader = leader();
                // Once would not do: a leader that is about to be deposed may lose the proposal.
                boolean isTimeToPropose = !hasProposed || round % 200 == 0;
                if (leader != null && leader.view().commitIndex() >= checker.committedIndex() && isTimeToPropose) {
                    leader.step(new Input.Propose(nextId++, new byte[] {1}));
                    goal = leader.view().lastLog().index();
                    hasProposed = true;
                }
                if (hasProposed && round % 10 == 0) {
                    for (SimulatedNode node : nodes.values()) {
                        if (node.isUp()) {
                            node.readIndex(readId++);
                        }
                    }
                }
                calm();
                if (hasProposed && isEveryoneThere(goal)) {
                    return;
                }
            }
            StringBuilder views = new StringBuilder();
            nodes.values().stream()
                    .filter(SimulatedNode::isUp)
                    .forEach(node -> views.append("\n  ").append(node.view()));
            throw new AssertionError("no progress to " + goal + " within 15 s after all faults have ended" + views);
        }

        /**
         * In half of the seeds some die for ever, as many as may: what is left must get on (Raft §6), also in the middle of a
         * change. Nobody can say which membership will be in force in the end, so enough of every one that is in force
         * anywhere stay; and of those only who counts itself a voter is reckoned with, for a learner whose log is the longest
         * votes for nobody and stands for nothing. Then whoever of them has the longest log can be elected.
         */
        private void loseSome() {
            if (random.nextBoolean()) {
                return;
            }
            List<NodeId> ids = new ArrayList<>(nodes.keySet());
            Collections.shuffle(ids, random);
            for (NodeId id : ids) {
                dead.add(id);
                if (!canElect()) {
                    dead.remove(id);
                }
            }
            if (dead.isEmpty()) {
                return;
            }
            note("for ever gone: " + dead);
            // What is under way might bring a membership that nobody holds any more.
            for (Packet packet : network) {
                if (packet.message() instanceof Message.InstallSnapshot) {
                    failures.add(new Failure(packet.from(), packet.to()));
                }
            }
            network.clear();
            if (checker.membership() != null && isChangeUnderWay()) {
                mark("lost in a change");
            }
            dead.forEach(id -> crash(node(id)));
        }

        private boolean isChangeUnderWay() {
            return nodes.values().stream()
                    .anyMatch(node -> !node.view().membership().equals(checker.membership()));
        }

        private boolean canElect() {
            List<Membership> memberships = new ArrayList<>();
            nodes.values().forEach(node -> memberships.add(node.view().membership()));
            if (checker.membership() != null) {
                memberships.add(checker.membership());
            }
            return memberships.stream().allMatch(each -> new JointQuorum(each).isReached(this::isElector));
        }

        private boolean isElector(NodeId id) {
            return !dead.contains(id) && node(id).view().membership().isVoter(id);
        }

        /**
         * Without pre-vote nothing keeps a node that was never told of its removal from campaigning for ever, so there an
         * operator has to stop it.
         */
        private void stopRemoved() {
            Membership committed = checker.membership();
            if (config.isPreVote() || committed == null) {
                return;
            }
            TreeSet<NodeId> needed = new TreeSet<>(committed.all());
            for (NodeId member : committed.all()) {
                if (node(member).isUp()) {
                    needed.addAll(node(member).view().membership().all());
                }
            }
            for (SimulatedNode node : nodes.values()) {
                boolean isNeeded = needed.contains(node.id());
                if (node.isUp() && !isNeeded) {
                    node.crash();
                } else if (!node.isUp() && isNeeded && !dead.contains(node.id())) {
                    start(node);
                }
            }
        }

        private @Nullable SimulatedNode leader() {
            SimulatedNode leader = null;
            for (SimulatedNode node : nodes.values()) {
                if (node.isUp()
                        && node.view().isLeader()
                        && (leader == null || node.view().term() > leader.view().term())) {
                    leader = node;
                }
            }
            return leader;
        }

        private boolean isEveryoneThere(long goal) {
            SimulatedNode first = leader();
            if (first == null || !first.view().isMembershipSettled()) {
                return false;
            }
            for (NodeId member : first.view().membership().all()) {
                SimulatedNode node = node(member);
                if (dead.contains(member)) {
                    continue;
                }
                if (node.appliedIndex() < goal
                        || node.appliedIndex() != first.appliedIndex()
                        || node.readStates().values().stream().noneMatch(state -> isServedFrom(state, goal))) {
                    return false;
                }
                if (node.digest() != first.digest()) {
                    throw new AssertionError("state machines differ at index " + node.appliedIndex());
                }
            }
            return true;
        }

        private static boolean isServedFrom(ReadState state, long index) {
            return (state instanceof ReadState.Confirmed confirmed && confirmed.index() >= index)
                    || (state instanceof ReadState.Leased leased && leased.index() >= index);
        }

        private void calm() {
            boolean isBusy = true;
            while (isBusy) {
                isBusy = false;
                for (SimulatedNode node : nodes.values()) {
                    if (node.isUp()) {
                        node.runUntilIdle();
                    }
                }
                reportFailures();
                int count = network.size();
                for (int i = 0; i < count; i++) {
                    isBusy = true;
                    Packet packet = network.remove(0);
                    if (!node(packet.to()).isUp()) {
                        continue;
                    }
                    node(packet.to()).receive(packet.from(), packet.message(), packet.files());
                }
            }
        }
    }
}
