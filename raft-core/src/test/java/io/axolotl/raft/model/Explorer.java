package io.axolotl.raft.model;

import io.axolotl.raft.membership.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Searches all that may happen to a model, breadth first, and stops at the first broken property: by then the shortest way
 * to one is found.
 *
 * <p>A state of the cluster is a row of numbers: the states of the nodes, what the judge remembers, how often each event with
 * a budget has happened, and the packets under way in ascending order. An event that changes nothing leads nowhere and is
 * not followed; the packet it was about may as well stay under way.
 */
final class Explorer {
    /**
     * @param states states of the cluster that differ in more than names, the first one included
     * @param transitions events that were followed
     * @param nodeStates states of single nodes
     * @param isExhausted no state was left to go on from: whatever the depth, there is nothing more
     * @param broken which property does not hold, or null
     * @param story the way there, or empty
     */
    record Outcome(
            int depth,
            long states,
            long transitions,
            int nodeStates,
            boolean isExhausted,
            @Nullable String broken,
            List<String> story) {}

    private static final int GHOST = 0;
    private static final int COUNTS_LOW = 1;
    private static final int COUNTS_HIGH = 2;
    private static final int HEADER = 3;
    private static final long OF_GHOST = 0x3c6ef372fe94f82bL;

    private final Model model;
    private final Automaton automaton;
    private final Judge judge;
    private final int nodes;

    private final List<Ghost> ghosts = new ArrayList<>();
    private final List<long[]> ghostHashes = new ArrayList<>();
    private final Map<Ghost, Integer> ghostNumbers = new HashMap<>();

    private final boolean isByName;
    private final long[] sums;
    private final LongTable.Met met = new LongTable.Met();
    private final LongTable.Met nameless = new LongTable.Met();
    private int[] parents = new int[1 << 12];
    private long[] steps = new long[1 << 12];
    private int kept;
    private long transitions;

    private final List<String> begins = new ArrayList<>();

    Explorer(Model model, ModelBug bug) {
        this(model, bug, false);
    }

    /** @param isByName states that differ in names only are searched all the same, though counted as one */
    Explorer(Model model, ModelBug bug, boolean isByName) {
        this.model = model;
        this.isByName = isByName;
        nodes = model.nodes();
        sums = new long[model.renamings().size()];
        automaton = new Automaton(model, bug);
        judge = new Judge(model);
    }

    /** See {@link Automaton#compareOtherWays}. */
    int compareOtherWays() {
        return automaton.compareOtherWays();
    }

    /** A property is broken by the event that {@code step} stands for, in the state that {@code parent} stands for. */
    private static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final int parent;
        final long step;

        Found(int parent, long step, String broken) {
            super(broken, null, false, false);
            this.parent = parent;
            this.step = step;
        }
    }

    /** Searches through {@code depth} events after the opening, or until about {@code mostStates} states were met. */
    Outcome explore(int depth, long mostStates) {
        int[] first = new Course().play();
        for (int i = 0; i < nodes; i++) {
            begins.add(automaton.describe(first[HEADER + i]));
        }
        isNew(first);
        keep(-1, 0);
        List<int[]> level = List.of(first);
        int levelStart = 0;
        int reached = 0;
        try {
            while (reached < depth && !level.isEmpty() && nameless.size() < mostStates) {
                List<int[]> next = new ArrayList<>();
                int nextStart = kept;
                for (int i = 0; i < level.size(); i++) {
                    follow(level.get(i), levelStart + i, next);
                }
                level = next;
                levelStart = nextStart;
                reached++;
            }
        } catch (Found found) {
            return new Outcome(
                    reached + 1,
                    nameless.size(),
                    transitions,
                    automaton.stateCount(),
                    false,
                    found.getMessage(),
                    story(found));
        }
        return new Outcome(
                reached, nameless.size(), transitions, automaton.stateCount(), level.isEmpty(), null, List.of());
    }

    private void keep(int parent, long step) {
        if (kept == parents.length) {
            parents = Arrays.copyOf(parents, kept * 2);
            steps = Arrays.copyOf(steps, kept * 2);
        }
        parents[kept] = parent;
        steps[kept] = step;
        kept++;
    }

    // Events

    private void follow(int[] world, int index, List<int[]> next) {
        long counts = counts(world);
        int firstPacket = HEADER + nodes;
        for (int i = firstPacket; i < world.length; i++) {
            if (i > firstPacket && world[i] == world[i - 1]) {
                continue;
            }
            int to = indexOf(automaton.packet(world[i]).to());
            if (to < nodes) {
                follow(world, index, to, Event.RECEIVE, world[i], next);
                if (mayHappen(Event.RECEIVE_COPY, counts)) {
                    follow(world, index, to, Event.RECEIVE_COPY, world[i], next);
                }
            }
        }
        for (int node = 0; node < nodes; node++) {
            LocalState state = automaton.state(world[HEADER + node]);
            if (mayHappen(Event.ELECTION_TIMEOUT, counts)) {
                follow(world, index, node, Event.ELECTION_TIMEOUT, 0, next);
            }
            if (state.waitingCount() > 0) {
                follow(world, index, node, Event.SYNC, 0, next);
            }
            if (state.unreportedCount() > 0) {
                follow(world, index, node, Event.REPORT, 0, next);
            }
            if (model.isReadyApart() && state.hasReady()) {
                follow(world, index, node, Event.READY, 0, next);
            }
            if (mayHappen(Event.RESTART, counts)) {
                follow(world, index, node, Event.RESTART, 0, next);
            }
            if (mayHappen(Event.READ, counts)) {
                follow(world, index, node, Event.READ, 0, next);
            }
            if (state.isLeader()) {
                for (Event event : List.of(Event.HEARTBEAT, Event.PROPOSE, Event.CHANGE)) {
                    if (mayHappen(event, counts)) {
                        follow(world, index, node, event, event.count(counts) + 1, next);
                    }
                }
            }
        }
    }

    private boolean mayHappen(Event event, long counts) {
        return event.count(counts) < model.budget(event);
    }

    private void follow(int[] world, int index, int node, Event event, int argument, List<int[]> next) {
        long step = (long) node << 32 | Automaton.code(event, argument);
        // A message that comes again comes like any other.
        Event asOne = event == Event.RECEIVE_COPY ? Event.RECEIVE : event;
        Automaton.Transition transition = automaton.transition(world[HEADER + node], Automaton.code(asOne, argument));
        if (transition.isNothing(world[HEADER + node])) {
            return;
        }
        transitions++;
        if (transition.violation() != null) {
            throw new Found(index, step, transition.violation());
        }
        int[] after;
        try {
            after = after(world, node, event, argument, transition);
        } catch (Judge.Broken e) {
            throw new Found(index, step, String.valueOf(e.getMessage()));
        }
        if (isNew(after)) {
            keep(index, step);
            next.add(after);
        }
    }

    private int[] after(int[] world, int node, Event event, int argument, Automaton.Transition transition) {
        int ghost = judged(world, node, transition);
        int gone = event == Event.RECEIVE ? 1 : 0;
        int[] sent = transition.sent();
        int[] after = new int[world.length + sent.length - gone];
        System.arraycopy(world, 0, after, 0, HEADER + nodes);
        int at = HEADER + nodes;
        boolean isRemoved = gone == 0;
        for (int i = HEADER + nodes; i < world.length; i++) {
            if (!isRemoved && world[i] == argument) {
                isRemoved = true;
            } else {
                after[at++] = world[i];
            }
        }
        System.arraycopy(sent, 0, after, at, sent.length);
        Arrays.sort(after, HEADER + nodes, after.length);
        after[HEADER + node] = transition.next();
        after[GHOST] = ghost;
        if (event.hasBudget()) {
            long counts = event.counted(counts(world));
            after[COUNTS_LOW] = (int) counts;
            after[COUNTS_HIGH] = (int) (counts >>> 32);
        }
        return after;
    }

    @SuppressWarnings("ReferenceEquality") // What the judge gives back unchanged has its number.
    private int judged(int[] world, int node, Automaton.Transition transition) {
        LocalState[] all = new LocalState[nodes];
        for (int i = 0; i < nodes; i++) {
            all[i] = automaton.state(world[HEADER + i]);
        }
        LocalState before = all[node];
        all[node] = automaton.state(transition.next());
        Ghost ghost = ghosts.get(world[GHOST]);
        Ghost next = judge.judge(ghost, all, before, all[node], transition);
        return next == ghost ? world[GHOST] : number(next);
    }

    private int number(Ghost ghost) {
        Integer known = ghostNumbers.get(ghost);
        if (known != null) {
            return known;
        }
        int number = ghosts.size();
        ghosts.add(ghost);
        ghostHashes.add(automaton.hashes(ghost.shape(), OF_GHOST));
        ghostNumbers.put(ghost, number);
        return number;
    }

    private static long counts(int[] world) {
        return (world[COUNTS_LOW] & 0xffffffffL) | (long) world[COUNTS_HIGH] << 32;
    }

    private static int indexOf(NodeId node) {
        return Math.toIntExact(node.value()) - 1;
    }

    private boolean isNew(int[] world) {
        boolean isNewNameless = nameless.add(hash(world, model.renamings().size()));
        return isByName ? met.add(hash(world, 1)) : isNewNameless;
    }

    /** The least over so many renamings; over all of them, states that differ in names only are one. */
    private long hash(int[] world, int renamings) {
        Arrays.fill(sums, Shape.mix(counts(world) + 0x1234567L));
        add(ghostHashes.get(world[GHOST]), renamings);
        for (int i = 0; i < nodes; i++) {
            add(automaton.state(world[HEADER + i]).hashes(), renamings);
        }
        for (int i = HEADER + nodes; i < world.length; i++) {
            add(automaton.packetHashes(world[i]), renamings);
        }
        long least = Long.MAX_VALUE;
        for (int r = 0; r < renamings; r++) {
            least = Math.min(least, Shape.mix(sums[r]));
        }
        return least == 0 ? 1 : least;
    }

    private void add(long[] hashes, int renamings) {
        for (int r = 0; r < renamings; r++) {
            sums[r] += hashes[r];
        }
    }

    // The way to a broken property

    private List<String> story(Found found) {
        Deque<Long> way = new ArrayDeque<>();
        way.addFirst(found.step);
        for (int at = found.parent; parents[at] >= 0; at = parents[at]) {
            way.addFirst(steps[at]);
        }
        Story story = new Story(automaton, begins);
        Course course = new Course();
        int[] world = course.play();
        for (long step : way) {
            int node = (int) (step >>> 32);
            int code = (int) step;
            Event event = Automaton.event(code);
            int argument = Automaton.argument(code);
            Event asOne = event == Event.RECEIVE_COPY ? Event.RECEIVE : event;
            int before = world[HEADER + node];
            Automaton.Transition transition = automaton.transition(before, Automaton.code(asOne, argument));
            story.tell(node, event, argument, before, transition);
            if (step != found.step || way.peekLast() != step) {
                world = after(world, node, event, argument, transition);
            } else if (transition.violation() == null) {
                try {
                    world = after(world, node, event, argument, transition);
                } catch (Judge.Broken e) {
                    // The last step is the one that breaks something.
                    break;
                }
            }
        }
        return story.end(String.valueOf(found.getMessage()));
    }

    // The opening

    /** Plays the model's opening. */
    private final class Course implements Model.Opening {
        private int[] world = new int[HEADER + nodes];
        private final List<Integer> underWay = new ArrayList<>();
        private final List<Integer> heldBack = new ArrayList<>();
        private int proposals;

        int[] play() {
            world[GHOST] = number(Ghost.none());
            for (int i = 0; i < nodes; i++) {
                world[HEADER + i] = automaton.begin(i).id();
            }
            model.opening().accept(this);
            underWay.addAll(heldBack);
            int[] whole = Arrays.copyOf(world, world.length + underWay.size());
            for (int i = 0; i < underWay.size(); i++) {
                whole[world.length + i] = underWay.get(i);
            }
            Arrays.sort(whole, HEADER + nodes, whole.length);
            return whole;
        }

        private Course happen(int node, Event event, int argument) {
            Automaton.Transition transition =
                    automaton.transition(world[HEADER + node], Automaton.code(event, argument));
            if (transition.violation() != null) {
                throw new AssertionError("the opening of " + model.name() + " breaks " + transition.violation());
            }
            world[GHOST] = judged(world, node, transition);
            world[HEADER + node] = transition.next();
            for (int packet : transition.sent()) {
                underWay.add(packet);
            }
            while (model.isReadyApart() && event != Event.READY && state(node).hasReady()) {
                happen(node, Event.READY, 0);
            }
            return this;
        }

        private LocalState state(int node) {
            return automaton.state(world[HEADER + node]);
        }

        @Override
        public Course timeout(int node) {
            return happen(node, Event.ELECTION_TIMEOUT, 0);
        }

        @Override
        public Course heartbeat(int node) {
            return happen(node, Event.HEARTBEAT, 0);
        }

        @Override
        public Course propose(int node) {
            // Apart from what the search will propose.
            return happen(node, Event.PROPOSE, 100 + ++proposals);
        }

        @Override
        public Course change(int node) {
            return happen(node, Event.CHANGE, 100);
        }

        @Override
        public Course read(int node) {
            return happen(node, Event.READ, 0);
        }

        @Override
        public Course sync(int node) {
            while (state(node).waitingCount() > 0) {
                happen(node, Event.SYNC, 0);
                if (state(node).unreportedCount() > 0) {
                    happen(node, Event.REPORT, 0);
                }
            }
            return this;
        }

        @Override
        public Course deliver(int from, int to) {
            for (int i = 0; i < underWay.size(); i++) {
                Packet packet = automaton.packet(underWay.get(i));
                if (indexOf(packet.from()) == from && indexOf(packet.to()) == to) {
                    return happen(to, Event.RECEIVE, underWay.remove(i));
                }
            }
            throw new AssertionError("nothing is under way from " + from + " to " + to);
        }

        @Override
        public Course settle(int... among) {
            List<Integer> members = Arrays.stream(among).boxed().toList();
            boolean isBusy = true;
            while (isBusy) {
                isBusy = false;
                for (int node : members) {
                    isBusy |= state(node).waitingCount() > 0;
                    sync(node);
                }
                for (int i = 0; i < underWay.size(); i++) {
                    Packet packet = automaton.packet(underWay.get(i));
                    if (members.contains(indexOf(packet.from())) && members.contains(indexOf(packet.to()))) {
                        happen(indexOf(packet.to()), Event.RECEIVE, underWay.remove(i));
                        isBusy = true;
                        break;
                    }
                }
            }
            return this;
        }

        @Override
        public Course loseAll() {
            underWay.clear();
            return this;
        }

        @Override
        public Course holdBack() {
            heldBack.addAll(underWay);
            return loseAll();
        }
    }
}
