package io.axolotl.raft.model;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every node of one model does in each of its states on each event. Found out once, by the real core, when it is first
 * asked for.
 */
final class Automaton {
    private static final int ARGUMENT_BITS = 26;
    private static final int MOST_SPARE = 4096;

    // So that the sums of which the hash of a cluster is made keep kinds of things apart.
    private static final long OF_NODE = 0x510e527fade682d1L;
    private static final long OF_PACKET = 0x1f83d9abfb41bd6bL;

    /**
     * @param next the state after the event
     * @param sent packets, by number
     */
    record Transition(
            int next,
            int[] sent,
            List<Effects.Answer> answers,
            long askedRead,
            @Nullable String violation) {
        /** Whether the event was as good as none. */
        boolean isNothing(int from) {
            return next == from && sent.length == 0 && answers.isEmpty() && askedRead == 0 && violation == null;
        }
    }

    private final Model model;
    private final ModelBug bug;
    private final List<LocalState> states = new ArrayList<>();
    private final Map<Long, Integer> stateByHash = new HashMap<>();
    private final List<Packet> packets = new ArrayList<>();
    private final List<long[]> packetHashes = new ArrayList<>();
    private final Map<Packet, Integer> packetNumbers = new HashMap<>();
    private final LongTable<Transition> transitions = new LongTable<>();

    /** The same list for the same entries, so that whoever asks whether a log has changed need not compare them. */
    private final Map<List<Entry>, List<Entry>> logs = new HashMap<>();

    /** Nodes that are in a state at the moment, by the state's number: the next event need not find its way there again. */
    private final Map<Integer, ModelNode> spare = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, ModelNode> eldest) {
            return size() > MOST_SPARE;
        }
    };

    Automaton(Model model, ModelBug bug) {
        this.model = model;
        this.bug = bug;
    }

    /** An event with what it is about: the number of a packet, or of a proposal. */
    static int code(Event event, int argument) {
        return event.number() << ARGUMENT_BITS | argument;
    }

    static Event event(int code) {
        return Event.of(code >>> ARGUMENT_BITS);
    }

    static int argument(int code) {
        return code & ((1 << ARGUMENT_BITS) - 1);
    }

    /** How the node begins. */
    LocalState begin(int node) {
        return keep(new ModelNode(model, node, bug), -1, 0);
    }

    /** How many pairs of a state and an event the core has been asked about. */
    int transitionCount() {
        return transitions.size();
    }

    LocalState state(int id) {
        return states.get(id);
    }

    Packet packet(int number) {
        return packets.get(number);
    }

    /** A packet's hash under each renaming. */
    long[] packetHashes(int number) {
        return packetHashes.get(number);
    }

    /** For people. */
    String describe(int id) {
        return play(states.get(id)).describe();
    }

    int stateCount() {
        return states.size();
    }

    Transition transition(int from, int code) {
        long key = (long) from << 32 | code;
        Transition known = transitions.get(key);
        if (known == null) {
            known = findOut(states.get(from), code);
            transitions.put(key, known);
        }
        return known;
    }

    private Transition findOut(LocalState from, int code) {
        ModelNode ready = spare.remove(from.id());
        ModelNode node = ready == null ? play(from) : ready;
        Effects effects = node.take(event(code), argument(code), packetOf(code));
        if (effects.violation != null) {
            return new Transition(from.id(), new int[0], List.of(), 0, effects.violation);
        }
        int[] sent = effects.sent.stream().mapToInt(this::number).toArray();
        LocalState next = keep(node, from.id(), code);
        return new Transition(next.id(), sent, List.copyOf(effects.answers), effects.askedRead, null);
    }

    /** A node that has been through all that led to {@code state}. */
    private ModelNode play(LocalState state) {
        List<Integer> codes = new ArrayList<>();
        LocalState each = state;
        while (each.parent() >= 0) {
            codes.add(each.code());
            each = states.get(each.parent());
        }
        ModelNode node = new ModelNode(model, Math.toIntExact(state.node().value()) - 1, bug);
        for (int i = codes.size() - 1; i >= 0; i--) {
            node.repeat(event(codes.get(i)), argument(codes.get(i)), packetOf(codes.get(i)));
        }
        return node;
    }

    private @Nullable Packet packetOf(int code) {
        return event(code) == Event.RECEIVE ? packets.get(argument(code)) : null;
    }

    private LocalState keep(ModelNode node, int parent, int code) {
        long[] hashes = hashes(node.shape(), OF_NODE);
        Integer known = stateByHash.get(hashes[0]);
        if (known != null) {
            spare.put(known, node);
            return states.get(known);
        }
        NodeId self = node.view().self();
        LocalState state = new LocalState(
                states.size(),
                self,
                parent,
                code,
                hashes,
                node.view().isLeader(),
                node.view().term(),
                same(node.log()),
                same(node.onDisk()),
                node.toldCommitIndex(),
                node.view().membership(),
                node.waitingCount(),
                node.unreportedCount(),
                node.hasReady());
        stateByHash.put(hashes[0], state.id());
        states.add(state);
        spare.put(state.id(), node);
        return state;
    }

    private List<Entry> same(List<Entry> log) {
        List<Entry> known = logs.putIfAbsent(log, log);
        return known == null ? log : known;
    }

    private int number(Packet packet) {
        Integer known = packetNumbers.get(packet);
        if (known != null) {
            return known;
        }
        int number = packets.size();
        packets.add(packet);
        packetHashes.add(hashes(CoreShape.of(packet, 0), OF_PACKET));
        packetNumbers.put(packet, number);
        return number;
    }

    /** Under each renaming, the plain one first; ready to be summed up with those of other things. */
    long[] hashes(Shape shape, long kind) {
        return model.renamings().stream()
                .mapToLong(renaming -> Shape.mix(shape.hash(renaming) ^ kind))
                .toArray();
    }
}
