package io.axolotl.server.api.watch;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ranges that contain a key. A binary search tree of the distinct ranges, ordered by where they start, in which each
 * node knows the farthest end below it; random priorities keep it shallow (a treap). Adding, removing and asking cost the
 * logarithm of the number of ranges, and asking some more for each range found.
 *
 * <p>Confined to the watch thread. Not to be changed while it is asked.
 */
final class RangeIndex<W> {
    /** By start, then by end; no end comes last. */
    private static final Comparator<KeySpan> ORDER = (one, other) -> {
        int byStart = Arrays.compareUnsigned(one.from(), other.from());
        return byStart != 0 ? byStart : compareEnds(one.end(), other.end());
    };

    private final SplittableRandom priorities = new SplittableRandom(0x5eed);
    private @Nullable Node<W> root;

    private static final class Node<W> {
        final KeySpan span;
        final Set<W> members = new LinkedHashSet<>();
        final int priority;
        byte @Nullable [] farthestEnd;

        @Nullable Node<W> left;

        @Nullable Node<W> right;

        Node(KeySpan span, int priority) {
            this.span = span;
            this.priority = priority;
            this.farthestEnd = span.end();
        }

        void measure() {
            farthestEnd = span.end();
            stretch(left);
            stretch(right);
        }

        private void stretch(@Nullable Node<W> child) {
            if (child != null && compareEnds(child.farthestEnd, farthestEnd) > 0) {
                farthestEnd = child.farthestEnd;
            }
        }
    }

    private static int compareEnds(byte @Nullable [] one, byte @Nullable [] other) {
        if (one == null || other == null) {
            return one == other ? 0 : one == null ? 1 : -1;
        }
        return Arrays.compareUnsigned(one, other);
    }

    boolean isEmpty() {
        return root == null;
    }

    void add(KeySpan span, W member) {
        root = add(root, span, member);
    }

    private Node<W> add(@Nullable Node<W> node, KeySpan span, W member) {
        if (node == null) {
            Node<W> added = new Node<>(span, priorities.nextInt());
            added.members.add(member);
            return added;
        }
        int order = ORDER.compare(span, node.span);
        if (order == 0) {
            node.members.add(member);
            return node;
        }
        if (order < 0) {
            Node<W> child = add(node.left, span, member);
            node.left = child;
            if (child.priority > node.priority) {
                return turnRight(node, child);
            }
        } else {
            Node<W> child = add(node.right, span, member);
            node.right = child;
            if (child.priority > node.priority) {
                return turnLeft(node, child);
            }
        }
        node.measure();
        return node;
    }

    private static <W> Node<W> turnRight(Node<W> node, Node<W> left) {
        node.left = left.right;
        left.right = node;
        node.measure();
        left.measure();
        return left;
    }

    private static <W> Node<W> turnLeft(Node<W> node, Node<W> right) {
        node.right = right.left;
        right.left = node;
        node.measure();
        right.measure();
        return right;
    }

    /** @throws AssertionError if it is not there */
    void remove(KeySpan span, W member) {
        root = remove(root, span, member);
    }

    private @Nullable Node<W> remove(@Nullable Node<W> node, KeySpan span, W member) {
        if (node == null) {
            throw new AssertionError("a range that is to be removed is not in the index");
        }
        int order = ORDER.compare(span, node.span);
        if (order == 0) {
            if (!node.members.remove(member)) {
                throw new AssertionError("a watcher that is to be removed is not in the index");
            }
            return node.members.isEmpty() ? joined(node.left, node.right) : node;
        }
        if (order < 0) {
            node.left = remove(node.left, span, member);
        } else {
            node.right = remove(node.right, span, member);
        }
        node.measure();
        return node;
    }

    /** One tree of two, all of the first before all of the second. */
    private static <W> @Nullable Node<W> joined(@Nullable Node<W> first, @Nullable Node<W> second) {
        if (first == null) {
            return second;
        }
        if (second == null) {
            return first;
        }
        if (first.priority > second.priority) {
            first.right = joined(first.right, second);
            first.measure();
            return first;
        }
        second.left = joined(first, second.left);
        second.measure();
        return second;
    }

    void forEachOn(byte[] key, Consumer<W> visitor) {
        visit(root, key, visitor);
    }

    private static <W> void visit(@Nullable Node<W> node, byte[] key, Consumer<W> visitor) {
        if (node == null || !endsAfter(node.farthestEnd, key)) {
            return;
        }
        visit(node.left, key, visitor);
        if (Arrays.compareUnsigned(node.span.from(), key) <= 0) {
            if (endsAfter(node.span.end(), key)) {
                node.members.forEach(visitor);
            }
            visit(node.right, key, visitor);
        }
    }

    private static boolean endsAfter(byte @Nullable [] end, byte[] key) {
        return end == null || Arrays.compareUnsigned(key, end) < 0;
    }
}
