package io.axolotl.raft.testing;

import io.axolotl.raft.ElectionTimeouts;
import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A few nodes, named A, B, C and so on, on a network and a clock that do only what the test says. Nothing is drawn:
 * election timeouts are the longest possible for everybody, and {@link #electionTimeoutPasses} lets one node be the first.
 *
 * <p>Messages wait in the network until {@link #flow} delivers them. All safety properties are checked all the time.
 */
public final class ScenarioCluster {
    /** A heartbeat interval of 100 ms, an election timeout of 1 s, and bounds that nobody meets by accident. */
    public static final RaftConfig CONFIG = RaftConfig.defaults();

    private static final long STEP_NANOS = CONFIG.heartbeatIntervalNanos() / 2;

    /** What a caller of {@link #put} knows so far. */
    public enum Outcome {
        NOTHING_YET,
        DONE,
        /** Certainly not done. */
        REFUSED,
        /** Perhaps done: leadership was lost before it could be told. */
        UNKNOWN
    }

    /** Which messages the network loses besides those on cut links. */
    @FunctionalInterface
    public interface Loss {
        boolean loses(NodeId from, NodeId to, Message message);
    }

    private record Packet(NodeId from, NodeId to, Message message, MemoryDisk.@Nullable StoredSnapshot files) {}

    private static final class Call {
        private final NodeId node;
        private final long proposalId;
        private Outcome outcome = Outcome.NOTHING_YET;

        Call(NodeId node, long proposalId) {
            this.node = node;
            this.proposalId = proposalId;
        }
    }

    private final SafetyChecker checker = new SafetyChecker();
    private final TreeMap<NodeId, SimulatedNode> nodes = new TreeMap<>();
    private final TreeMap<NodeId, Long> clocks = new TreeMap<>();
    private final TreeSet<NodeId> stalledDisks = new TreeSet<>();
    private final TreeSet<NodeId> heldInstalls = new TreeSet<>();
    private final TreeSet<String> cuts = new TreeSet<>();
    private final TreeSet<NodeId> stopped = new TreeSet<>();
    private Loss loss = (from, to, message) -> false;
    private final Deque<Packet> network = new ArrayDeque<>();
    private final TreeMap<String, Call> calls = new TreeMap<>();
    private final TreeMap<String, Call> reads = new TreeMap<>();
    private final List<Supplier<String>> transcript = new ArrayList<>();
    private final TreeMap<NodeId, List<TraceEvent>> traces = new TreeMap<>();
    private final List<Envelope> sent = new ArrayList<>();
    private long nextId = 1;

    /** Starts one node per disk. */
    public ScenarioCluster(RaftConfig config, SortedMap<NodeId, MemoryDisk> disks) {
        ElectionTimeouts longest = minimumNanos -> 2 * minimumNanos - 1;
        disks.forEach((id, disk) -> {
            traces.put(id, new ArrayList<>());
            SimulatedNode node = new SimulatedNode(
                    id, config, longest, disk, checker, envelope -> send(id, envelope), event -> traced(id, event));
            nodes.put(id, node.withClock(() -> clocks.getOrDefault(id, 0L)));
            clocks.put(id, 0L);
            node.start(0);
        });
    }

    /** Empty nodes with these names, all of them voters. */
    public static ScenarioCluster of(String... names) {
        return of(CONFIG, names);
    }

    public static ScenarioCluster of(RaftConfig config, String... names) {
        Membership membership = voters(names);
        TreeMap<NodeId, MemoryDisk> disks = new TreeMap<>();
        for (NodeId id : membership.all()) {
            disks.put(id, new MemoryDisk(membership));
        }
        return new ScenarioCluster(config, disks);
    }

    /** A disk with a log of commands, written as ids ("1.1 1.2 2.3"), and the term of the last one. */
    public static MemoryDisk disk(Membership membership, String log) {
        List<Entry> entries = entries(log);
        long term = entries.isEmpty() ? 0 : entries.get(entries.size() - 1).term();
        return new MemoryDisk(new HardState(term, null, 0), membership, entries);
    }

    /** Commands whose payload is their id, so that equal ids mean equal entries. */
    public static List<Entry> entries(String log) {
        List<Entry> entries = new ArrayList<>();
        for (String id : log.isBlank() ? new String[0] : log.trim().split(" +")) {
            String[] parts = id.split("\\.", 2);
            entries.add(new Entry(
                    new EntryId(Long.parseLong(parts[0]), Long.parseLong(parts[1])),
                    Entry.Kind.COMMAND,
                    id.getBytes(StandardCharsets.UTF_8)));
        }
        return entries;
    }

    public static Membership voters(String... names) {
        return Membership.ofVoters(Arrays.stream(names).map(ScenarioCluster::id).toList());
    }

    /** Node A has id a, node B id b: ids are printed in hex. */
    public static NodeId id(String name) {
        if (!name.matches("[A-Z]")) {
            throw new IllegalArgumentException("a node is named by one capital letter, not \"" + name + "\"");
        }
        return new NodeId(name.charAt(0) - 'A' + 10L);
    }

    public static String name(NodeId id) {
        return String.valueOf((char) ('A' + id.value() - 10));
    }

    // Looking

    public SimulatedNode node(String name) {
        return node(id(name));
    }

    private SimulatedNode node(NodeId id) {
        SimulatedNode node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("there is no node " + name(id));
        }
        return node;
    }

    public Collection<SimulatedNode> nodes() {
        return nodes.values();
    }

    public NodeView view(String name) {
        return node(name).view();
    }

    /** The ids of a node's log in memory, blank-separated, as far as the log still holds them. */
    public String log(String name) {
        NodeView view = view(name);
        StringBuilder ids = new StringBuilder();
        if (view.firstLog().equals(EntryId.ZERO)) {
            return "";
        }
        for (EntryId id : checker.log(id(name), view.firstLog().index())) {
            ids.append(ids.isEmpty() ? "" : " ").append(id);
        }
        return ids.toString();
    }

    public SafetyChecker checker() {
        return checker;
    }

    /** What a node has told so far. */
    public List<TraceEvent> trace(String name) {
        return List.copyOf(traces.getOrDefault(id(name), List.of()));
    }

    /** Whether a node has told of an event of this type. */
    public boolean hasSeen(String name, Class<? extends TraceEvent> type) {
        return trace(name).stream().anyMatch(type::isInstance);
    }

    /** Every message that was sent so far and not asked for before, delivered or not. */
    public List<Envelope> takeSent() {
        List<Envelope> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    /** Messages and events since the last call, one per line. */
    public List<String> takeTranscript() {
        List<String> taken = transcript.stream().map(Supplier::get).toList();
        transcript.clear();
        return taken;
    }

    // The network

    private void send(NodeId from, Envelope envelope) {
        sent.add(envelope);
        Message message = envelope.message();
        boolean isLost = isCut(from, envelope.to()) || loss.loses(from, envelope.to(), message);
        if (!(message instanceof Message.Heartbeat
                || message instanceof Message.CommitNotice
                || message instanceof Message.HeartbeatResponse)) {
            transcript.add(() -> name(from) + " to " + name(envelope.to()) + (isLost ? ", lost: " : ": ") + message);
        }
        if (isLost) {
            return;
        }
        if (message instanceof Message.InstallSnapshot offer) {
            // What is carried is the newest, which may be newer than what was offered.
            MemoryDisk.StoredSnapshot files = node(from).disk().snapshot();
            Message carried = new Message.InstallSnapshot(offer.term(), files.metadata());
            network.addLast(new Packet(from, envelope.to(), carried, files));
            return;
        }
        network.addLast(new Packet(from, envelope.to(), message, null));
    }

    private void traced(NodeId id, TraceEvent event) {
        traces.computeIfAbsent(id, n -> new ArrayList<>()).add(event);
        transcript.add(() -> name(id) + " " + event);
    }

    private boolean isCut(NodeId from, NodeId to) {
        return cuts.contains(from + ">" + to);
    }

    /** From now on nothing gets from {@code from} to {@code to}. */
    public ScenarioCluster cutOneWay(String from, String to) {
        cuts.add(id(from) + ">" + id(to));
        return this;
    }

    public ScenarioCluster cut(String one, String other) {
        return cutOneWay(one, other).cutOneWay(other, one);
    }

    /** From now on nothing gets to or from {@code name}; what is under way is lost. */
    public ScenarioCluster cutOff(String name) {
        for (NodeId other : nodes.keySet()) {
            cut(name, name(other));
        }
        return lose(packet -> packet.from().equals(id(name)) || packet.to().equals(id(name)));
    }

    public ScenarioCluster reconnect(String name) {
        cuts.removeIf(cut -> cut.startsWith(id(name) + ">") || cut.endsWith(">" + id(name)));
        return this;
    }

    public ScenarioCluster reconnectAll() {
        cuts.clear();
        return this;
    }

    /** Everything under way to {@code name} is lost. */
    public ScenarioCluster loseMessagesTo(String name) {
        return lose(packet -> packet.to().equals(id(name)));
    }

    public ScenarioCluster loseAllMessages() {
        return lose(packet -> true);
    }

    private ScenarioCluster lose(Predicate<Packet> which) {
        network.removeIf(which);
        return this;
    }

    /** From now on the network loses these, until it is told otherwise. */
    public ScenarioCluster losing(Loss which) {
        loss = which;
        return this;
    }

    public ScenarioCluster losingNothing() {
        return losing((from, to, message) -> false);
    }

    /** Delivers one message by hand. */
    public ScenarioCluster deliver(String from, String to, Message message) {
        node(to).receive(id(from), message, null);
        return this;
    }

    /** Everybody works and messages are delivered, until nothing is left to do. */
    public ScenarioCluster flow() {
        List<Packet> kept = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            work();
            Packet packet = network.pollFirst();
            if (packet == null) {
                network.addAll(kept);
                return this;
            }
            if (stopped.contains(packet.to())) {
                kept.add(packet);
                continue;
            }
            SimulatedNode receiver = node(packet.to());
            if (receiver.isUp() && !isCut(packet.from(), packet.to())) {
                receiver.receive(packet.from(), packet.message(), packet.files());
            }
        }
        throw new AssertionError("the cluster never becomes quiet");
    }

    /** Everybody does what is owed, as far as disks allow; nothing is delivered. */
    public ScenarioCluster work() {
        for (SimulatedNode node : nodes.values()) {
            if (node.isUp() && !stopped.contains(node.id())) {
                work(node);
            }
        }
        return this;
    }

    private void work(SimulatedNode node) {
        boolean isBusy = true;
        while (isBusy) {
            isBusy = node.takeReady();
            if (!stalledDisks.contains(node.id()) && node.disk().waitingCount() > 0) {
                node.sync(node.disk().waitingCount());
                isBusy = true;
            }
            if (node.toApplyCount() > 0) {
                node.apply(node.toApplyCount());
                isBusy = true;
            }
            if (node.isInstalling() && !heldInstalls.contains(node.id())) {
                node.completeInstall();
                isBusy = true;
            }
        }
        calls.values().forEach(this::settle);
    }

    // Time

    /** All clocks move on, in small steps, with everybody working and messages flowing. */
    public ScenarioCluster timePasses(long nanos) {
        for (long passed = 0; passed < nanos; passed += STEP_NANOS) {
            for (SimulatedNode node : nodes.values()) {
                if (node.isUp()) {
                    tick(node, Math.min(STEP_NANOS, nanos - passed));
                }
            }
            flow();
        }
        return this;
    }

    /** The process is stopped: it does nothing, its clock goes on, messages wait for it. */
    public ScenarioCluster stop(String name) {
        stopped.add(id(name));
        return this;
    }

    /** The stopped process goes on and looks at its clock first. */
    public ScenarioCluster goOn(String name) {
        stopped.remove(id(name));
        tick(node(name), 0);
        return this;
    }

    /** An election timeout passes for all, and then for {@code name} alone until it campaigns; nobody hears it yet. */
    public ScenarioCluster electionTimeoutPasses(String name) {
        timePasses(CONFIG.electionTimeoutNanos());
        SimulatedNode node = node(name);
        long before = elections(name);
        for (int i = 0; i < 100; i++) {
            tick(node, STEP_NANOS);
            work(node);
            if (elections(name) > before) {
                return this;
            }
        }
        throw new AssertionError(name + " does not campaign: " + node.view());
    }

    private long elections(String name) {
        return trace(name).stream()
                .filter(TraceEvent.ElectionStarted.class::isInstance)
                .count();
    }

    private void tick(SimulatedNode node, long nanos) {
        long now = clocks.getOrDefault(node.id(), 0L) + nanos;
        clocks.put(node.id(), now);
        if (stopped.contains(node.id())) {
            return;
        }
        node.step(new Input.Tick(now));
    }

    /** Time passes until one node leads and all have heard of it. */
    public ScenarioCluster elect(String name) {
        electionTimeoutPasses(name).flow();
        if (!view(name).isLeader()) {
            throw new AssertionError(name + " was not elected: " + view(name));
        }
        return this;
    }

    // Processes

    public ScenarioCluster crash(String name) {
        node(name).crash();
        for (Call call : calls.values()) {
            if (call.node.equals(id(name)) && call.outcome == Outcome.NOTHING_YET) {
                call.outcome = Outcome.UNKNOWN;
            }
        }
        return loseMessagesTo(name);
    }

    public ScenarioCluster restart(String name) {
        node(name).start(clocks.getOrDefault(id(name), 0L));
        return this;
    }

    /** Nothing is synced on this node until {@link #repairDisk}. */
    public ScenarioCluster stallDisk(String name) {
        stalledDisks.add(id(name));
        return this;
    }

    public ScenarioCluster repairDisk(String name) {
        stalledDisks.remove(id(name));
        return this;
    }

    /** Snapshots that arrive at this node are not installed until {@link #releaseInstall}. */
    public ScenarioCluster holdInstall(String name) {
        heldInstalls.add(id(name));
        return this;
    }

    public ScenarioCluster releaseInstall(String name) {
        heldInstalls.remove(id(name));
        return this;
    }

    /** Takes a snapshot and cuts the log behind it. */
    public ScenarioCluster compact(String name) {
        node(name).takeSnapshot();
        node(name).truncateLog(0);
        return this;
    }

    // Callers

    /** Asks a node to put; the command is its own name for {@link #outcome}. */
    public ScenarioCluster put(String name, String command) {
        Call call = new Call(id(name), nextId++);
        calls.put(command, call);
        node(name).step(new Input.Propose(call.proposalId, command.getBytes(StandardCharsets.UTF_8)));
        work(node(name));
        return this;
    }

    /** Asks a node for a change of the membership, which is told of under {@code changeName} as a put under its command. */
    public ScenarioCluster change(String name, String changeName, MembershipChange change) {
        Call call = new Call(id(name), nextId++);
        calls.put(changeName, call);
        node(name).step(new Input.ChangeMembership(call.proposalId, change));
        work(node(name));
        return this;
    }

    /** What the node that was asked for {@code command} said at once. */
    public @Nullable ProposalOutcome firstWord(String command) {
        Call call = calls.get(command);
        return call == null ? null : node(call.node).outcomes().get(call.proposalId);
    }

    public Outcome outcome(String command) {
        Call call = calls.get(command);
        if (call == null) {
            throw new IllegalArgumentException("nobody has asked for " + command);
        }
        return call.outcome;
    }

    private void settle(Call call) {
        SimulatedNode node = node(call.node);
        ProposalOutcome first = node.outcomes().get(call.proposalId);
        if (call.outcome != Outcome.NOTHING_YET || first == null || !node.isUp()) {
            return;
        }
        if (!(first instanceof ProposalOutcome.Appended appended)) {
            call.outcome = Outcome.REFUSED;
            return;
        }
        EntryId id = appended.id();
        Entry applied = node.applied().get(id.index());
        if (applied != null) {
            call.outcome = applied.id().equals(id) ? Outcome.DONE : Outcome.REFUSED;
        } else if (!node.view().isLeader() || node.view().term() != id.term()) {
            call.outcome = Outcome.UNKNOWN;
        }
    }

    /** Asks a node from which index on a read may be served. */
    public ScenarioCluster read(String name, String readName) {
        Call call = new Call(id(name), nextId++);
        reads.put(readName, call);
        node(name).readIndex(call.proposalId);
        return this;
    }

    /** The answer to {@link #read}, or null as long as there is none. */
    public @Nullable ReadState answer(String readName) {
        Call call = reads.get(readName);
        if (call == null) {
            throw new IllegalArgumentException("nobody has asked for read " + readName);
        }
        return node(call.node).readStates().get(call.proposalId);
    }

    /** Whether a node has applied this command since it started or installed a snapshot. */
    public boolean hasApplied(String name, String command) {
        byte[] payload = command.getBytes(StandardCharsets.UTF_8);
        return node(name).applied().values().stream().anyMatch(entry -> Arrays.equals(entry.payload(), payload));
    }

    public ScenarioCluster transfer(String from, String to) {
        node(from).step(new Input.TransferLeadership(id(to)));
        work(node(from));
        return this;
    }

    public ScenarioCluster step(String name, Input input) {
        node(name).step(input);
        return this;
    }
}
