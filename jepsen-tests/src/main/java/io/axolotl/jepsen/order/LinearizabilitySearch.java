package io.axolotl.jepsen.order;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether steps could have been taken one at a time: the search of Wing and Gong with Lowe's memory of visited
 * configurations. What a step does to the state is for the step to say; the states of one search must be values with {@code
 * equals} and {@code hashCode}.
 *
 * <p>A step without a return may be taken at any moment after its invocation, or never. Calls and returns form a doubly linked
 * list in the order of events. The first steps whose call stands before the first return are candidates for "next"; taking one
 * lifts its call and return out of the list, failing puts them back. Calls without a return are a list of their own, and are
 * tried after the others: most of them never happened, or have shown themselves.
 *
 * <p>Used once; confined to one thread.
 *
 * @param <S> the model's state
 */
public final class LinearizabilitySearch<S> {
    /** Something that a client did, as the model sees it. */
    public interface Step<S> {
        long NEVER = Long.MAX_VALUE;

        /** No row: the step has no twin. */
        int SINGLE = -1;

        long invokedAt();

        /** {@link #NEVER} for a step of which nobody knows whether it was taken. */
        long returnedAt();

        /** The state after this step in {@code state}, or null if it contradicts what the client saw. */
        @Nullable S apply(S state);

        /**
         * Steps without a return that do the same to every state form a row, by a number from 0 on: of them the one that was
         * invoked first is taken first, which loses no order and saves the search from trying every subset.
         */
        default int row() {
            return SINGLE;
        }
    }

    /** What was found. */
    public enum Found {
        LINEARIZABLE,
        VIOLATED,
        /** The search gave up: a statement about the search, not about the store. */
        UNDECIDED
    }

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
     * What has been taken, and the state that it led to. Of the steps that returned mostly all up to some step were, and a few
     * of those behind it; steps without a return are never waited for, so they are kept apart.
     *
     * @param base all steps with a return before this one were taken, and this one was not
     * @param near bit i: step {@code base + i} was taken
     * @param all all steps with a return that were taken, if they do not fit into the other two
     * @param open those without a return that were taken
     */
    private record Configuration<S>(
            int base, long near, @Nullable BitSet all, BitSet open, S state) {
        private static final BitSet NONE = new BitSet(0);

        static <S> Configuration<S> of(BitSet closed, BitSet open, S state) {
            BitSet openTaken = open.isEmpty() ? NONE : (BitSet) open.clone();
            int base = closed.nextClearBit(0);
            if (closed.length() - base > Long.SIZE) {
                return new Configuration<>(base, 0, (BitSet) closed.clone(), openTaken, state);
            }
            long near = 0;
            for (int step = closed.nextSetBit(base); step >= 0; step = closed.nextSetBit(step + 1)) {
                near |= 1L << (step - base);
            }
            return new Configuration<>(base, near, null, openTaken, state);
        }
    }

    private record Choice<S>(Node call, S stateBefore) {}

    private final List<? extends Step<S>> steps;
    private final S initial;
    private final int[] twinBefore;
    /** Of each step: which one it is of those with a return, or of those without. */
    private final int[] place;

    private final BitSet closedTaken = new BitSet();
    private final BitSet openTaken = new BitSet();
    private final Node head = new Node(-1, false, Long.MIN_VALUE);
    private final Node openHead = new Node(-1, false, Long.MIN_VALUE);
    private int openReturns;

    private LinearizabilitySearch(S initial, List<? extends Step<S>> steps) {
        this.steps = steps;
        this.initial = initial;
        this.twinBefore = new int[steps.size()];
        this.place = new int[steps.size()];
        Map<Integer, Integer> lastOfRow = new HashMap<>();
        List<Node> closed = new ArrayList<>();
        List<Node> open = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Step<S> step = steps.get(i);
            Node call = new Node(i, true, step.invokedAt());
            twinBefore[i] = -1;
            if (step.returnedAt() != Step.NEVER) {
                Node back = new Node(i, false, step.returnedAt());
                call.match = back;
                place[i] = openReturns;
                closed.add(call);
                closed.add(back);
                openReturns++;
                continue;
            }
            place[i] = open.size();
            open.add(call);
            if (step.row() != Step.SINGLE) {
                Integer last = lastOfRow.put(step.row(), i);
                twinBefore[i] = last == null ? -1 : last;
            }
        }
        chain(head, closed);
        chain(openHead, open);
    }

    private static void chain(Node head, List<Node> nodes) {
        // What begins at the moment at which another ends is concurrent with it: the clock cannot tell them apart.
        nodes.sort(Comparator.<Node>comparingLong(node -> node.at).thenComparing(node -> !node.isCall));
        Node tail = head;
        for (Node node : nodes) {
            tail.next = node;
            node.previous = tail;
            tail = node;
        }
    }

    /**
     * Searches.
     *
     * @param steps in the order of invocation
     * @param maxSteps bound on what is tried
     */
    public static <S> Found search(S initial, List<? extends Step<S>> steps, long maxSteps) {
        return new LinearizabilitySearch<>(initial, steps).run(maxSteps);
    }

    private Found run(long maxSteps) {
        Set<Configuration<S>> seen = new HashSet<>();
        List<Choice<S>> choices = new ArrayList<>();
        S state = initial;
        Node at = head.next;
        long spent = 0;
        while (openReturns > 0) {
            if (++spent > maxSteps) {
                return Found.UNDECIDED;
            }
            if (at != null && !at.isCall) {
                // The first return: what follows was not there yet, but calls without one were.
                at = openHead.next;
            }
            if (at != null && (at.match != null || at.at <= firstReturn())) {
                S after = isItsTurn(at.step) ? steps.get(at.step).apply(state) : null;
                if (after != null && isNew(seen, at, after)) {
                    choices.add(new Choice<>(at, state));
                    take(at, true);
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
                Choice<S> last = choices.remove(choices.size() - 1);
                state = last.stateBefore;
                take(last.call, false);
                unlift(last.call);
                at = last.call.next;
            }
        }
        return Found.LINEARIZABLE;
    }

    /** There is one as long as a search goes on. */
    private long firstReturn() {
        Node node = head.next;
        while (node != null && node.isCall) {
            node = node.next;
        }
        return node == null ? Step.NEVER : node.at;
    }

    private boolean isItsTurn(int step) {
        return twinBefore[step] < 0 || openTaken.get(place[twinBefore[step]]);
    }

    private void take(Node call, boolean isTaken) {
        BitSet taken = call.match == null ? openTaken : closedTaken;
        taken.set(place[call.step], isTaken);
    }

    private boolean isNew(Set<Configuration<S>> seen, Node call, S state) {
        take(call, true);
        Configuration<S> with = Configuration.of(closedTaken, openTaken, state);
        take(call, false);
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
