package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a history could have come from a store that does one thing at a time: the search of Wing and Gong with
 * Lowe's memory of visited configurations, one key at a time (linearizability is a local property: Herlihy and Wing).
 *
 * <p>It believes nobody: not revisions, not the log, only what clients sent and were told. An operation of unknown
 * outcome may take effect at any moment after its invocation, or never. A read of all keys counts as a read of each key;
 * a transaction on two keys as one operation on each.
 *
 * <p>Stateless.
 */
final class LinearizabilityChecker {
    /** What was found for a whole history. */
    sealed interface Verdict {
        record Linearizable() implements Verdict {}

        /** @param operations every operation of the key, in the order of invocation */
        record Violated(String key, List<Operation> operations) implements Verdict {}

        /** The search gave up: a statement about the checker, not about the store. */
        record Undecided(String key) implements Verdict {}
    }

    private final long maxSteps;

    /** @param maxSteps bound on search steps per key */
    LinearizabilityChecker(long maxSteps) {
        this.maxSteps = maxSteps;
    }

    Verdict check(List<Operation> history) {
        Map<String, List<Step>> byKey = partition(history);
        @Nullable String undecided = null;
        for (Map.Entry<String, List<Step>> entry : byKey.entrySet()) {
            switch (new Search(entry.getValue()).run(maxSteps)) {
                case LINEARIZABLE -> {}
                case UNDECIDED -> undecided = entry.getKey();
                case VIOLATED -> {
                    List<Operation> operations =
                            entry.getValue().stream().map(Step::operation).toList();
                    return new Verdict.Violated(entry.getKey(), operations);
                }
            }
        }
        return undecided == null ? new Verdict.Linearizable() : new Verdict.Undecided(undecided);
    }

    /** An operation as one key sees it. {@code isSecond}: the unconditional part of a transaction. */
    private record Step(Operation operation, String key, boolean isSecond) {
        static final long IMPOSSIBLE = -1;

        boolean isOpen() {
            return !operation.isDone();
        }

        /** The state after this step in {@code state}, or {@link #IMPOSSIBLE} if it contradicts what the client saw. */
        long apply(long state) {
            return switch (operation.kind()) {
                case PUT -> operation.id();
                case GET -> isOpen() || operation.observed() == state ? state : IMPOSSIBLE;
                case RANGE ->
                    isOpen() || operation.observedAll().getOrDefault(key, Operation.ABSENT) == state
                            ? state
                            : IMPOSSIBLE;
                case DELETE -> {
                    boolean hadSomething = state != Operation.ABSENT;
                    boolean saidSomething = operation.observed() != Operation.ABSENT;
                    yield isOpen() || hadSomething == saidSomething ? Operation.ABSENT : IMPOSSIBLE;
                }
                case CAS -> applyCas(state);
            };
        }

        private long applyCas(long state) {
            if (isSecond) {
                // The comparison is on another key. Open: it may have held; that it may not have is the case in which
                // an open step is left out of the order.
                return isOpen() || operation.isSucceeded() ? operation.id() : state;
            }
            boolean holds = state == operation.expected();
            if (isOpen()) {
                return holds ? operation.id() : state;
            }
            if (holds != operation.isSucceeded()) {
                return IMPOSSIBLE;
            }
            if (!holds) {
                return operation.observed() == state ? state : IMPOSSIBLE;
            }
            return operation.id();
        }
    }

    private static Map<String, List<Step>> partition(List<Operation> history) {
        Set<String> keys = new TreeSet<>();
        for (Operation operation : history) {
            if (operation.kind() != Operation.Kind.RANGE) {
                keys.add(operation.key());
                String second = operation.secondKey();
                if (second != null) {
                    keys.add(second);
                }
            }
            keys.addAll(operation.observedAll().keySet());
        }
        Map<String, List<Step>> byKey = new TreeMap<>();
        for (String key : keys) {
            byKey.put(key, new ArrayList<>());
        }
        for (Operation operation : history) {
            if (!operation.mayHaveHappened() || (operation.kind().isRead() && !operation.isDone())) {
                continue;
            }
            if (operation.kind() == Operation.Kind.RANGE) {
                byKey.forEach((key, steps) -> steps.add(new Step(operation, key, false)));
                continue;
            }
            steps(byKey, operation.key()).add(new Step(operation, operation.key(), false));
            String second = operation.secondKey();
            if (second != null && !second.equals(operation.key())) {
                steps(byKey, second).add(new Step(operation, second, true));
            }
        }
        return byKey;
    }

    private static List<Step> steps(Map<String, List<Step>> byKey, String key) {
        return byKey.computeIfAbsent(key, ignored -> new ArrayList<>());
    }

    private enum Found {
        LINEARIZABLE,
        VIOLATED,
        UNDECIDED
    }

    /**
     * One search over one key. Calls and returns form a doubly linked list in the order of events. The first steps whose
     * call stands before the first return are candidates for "next"; taking one lifts its call and return out of the
     * list, failing puts them back.
     */
    private static final class Search {
        private static final class Node {
            final int step;
            final boolean isCall;
            final long at;

            @Nullable Node match;

            @Nullable Node previous;

            @Nullable Node next;

            Node(int step, boolean isCall, long at) {
                this.step = step;
                this.isCall = isCall;
                this.at = at;
            }
        }

        /**
         * What has been taken, and the state that it led to. Mostly all up to some step was, and a few of those behind it.
         *
         * @param base all steps before this one were taken, and this one was not
         * @param near bit i: step {@code base + i} was taken
         * @param all everything, if it does not fit into the other two
         */
        private record Configuration(
                int base, long near, @Nullable BitSet all, long state) {
            static Configuration of(BitSet taken, long state) {
                int base = taken.nextClearBit(0);
                if (taken.length() - base > Long.SIZE) {
                    return new Configuration(base, 0, (BitSet) taken.clone(), state);
                }
                long near = 0;
                for (int step = taken.nextSetBit(base); step >= 0; step = taken.nextSetBit(step + 1)) {
                    near |= 1L << (step - base);
                }
                return new Configuration(base, near, null, state);
            }
        }

        private record Choice(Node call, long stateBefore) {}

        private final Step[] steps;
        private final Node head = new Node(-1, false, Long.MIN_VALUE);
        private int openReturns;

        Search(List<Step> list) {
            this.steps = list.toArray(Step[]::new);
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i < steps.length; i++) {
                Node call = new Node(i, true, steps[i].operation().invokedAt());
                nodes.add(call);
                if (!steps[i].isOpen()) {
                    Node back = new Node(i, false, steps[i].operation().respondedAt());
                    call.match = back;
                    nodes.add(back);
                    openReturns++;
                }
            }
            nodes.sort(Comparator.comparingLong(node -> node.at));
            Node tail = head;
            for (Node node : nodes) {
                tail.next = node;
                node.previous = tail;
                tail = node;
            }
        }

        Found run(long maxSteps) {
            Set<Configuration> seen = new HashSet<>();
            List<Choice> choices = new ArrayList<>();
            BitSet taken = new BitSet(steps.length);
            long state = Operation.ABSENT;
            Node at = head.next;
            long spent = 0;
            while (openReturns > 0) {
                if (++spent > maxSteps) {
                    return Found.UNDECIDED;
                }
                if (at != null && at.isCall) {
                    long after = steps[at.step].apply(state);
                    if (after != Step.IMPOSSIBLE && isNew(seen, taken, at.step, after)) {
                        choices.add(new Choice(at, state));
                        taken.set(at.step);
                        state = after;
                        lift(at);
                        at = head.next;
                    } else {
                        at = at.next;
                    }
                } else {
                    if (choices.isEmpty()) {
                        return Found.VIOLATED;
                    }
                    Choice last = choices.remove(choices.size() - 1);
                    state = last.stateBefore;
                    taken.clear(last.call.step);
                    unlift(last.call);
                    at = last.call.next;
                }
            }
            return Found.LINEARIZABLE;
        }

        private static boolean isNew(Set<Configuration> seen, BitSet taken, int step, long state) {
            taken.set(step);
            Configuration with = Configuration.of(taken, state);
            taken.clear(step);
            return seen.add(with);
        }

        private void lift(Node call) {
            unlink(call);
            if (call.match != null) {
                unlink(call.match);
                openReturns--;
            }
        }

        private void unlift(Node call) {
            if (call.match != null) {
                relink(call.match);
                openReturns++;
            }
            relink(call);
        }

        private static void unlink(Node node) {
            if (node.previous != null) {
                node.previous.next = node.next;
            }
            if (node.next != null) {
                node.next.previous = node.previous;
            }
        }

        private static void relink(Node node) {
            if (node.previous != null) {
                node.previous.next = node;
            }
            if (node.next != null) {
                node.next.previous = node;
            }
        }
    }

    /** Text of at most {@code most} operations around the end, for a failure report. */
    static String describe(List<Operation> operations, int most) {
        int from = Math.max(0, operations.size() - most);
        StringBuilder text = new StringBuilder();
        for (Operation operation : operations.subList(from, operations.size())) {
            text.append("\n    ").append(operation);
        }
        return text.toString();
    }
}
