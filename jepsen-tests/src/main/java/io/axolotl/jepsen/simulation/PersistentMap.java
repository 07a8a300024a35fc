package io.axolotl.jepsen.simulation;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map from bytes to bytes that never changes: each update makes a new map that shares all but one path with
 * the old one. So a consistent view, a flushed state and a copy for a snapshot cost nothing but a reference.
 *
 * <p>A treap whose priorities are hashes of the keys: its shape depends on its content alone. Keys are ordered unsigned
 * bytewise; arrays are shared. Immutable.
 */
final class PersistentMap {
    static final PersistentMap EMPTY = new PersistentMap(null);

    private static final class Node {
        final byte[] key;
        final byte[] value;
        final int priority;
        final @Nullable Node left;
        final @Nullable Node right;

        Node(byte[] key, byte[] value, int priority, @Nullable Node left, @Nullable Node right) {
            this.key = key;
            this.value = value;
            this.priority = priority;
            this.left = left;
            this.right = right;
        }

        Node with(@Nullable Node newLeft, @Nullable Node newRight) {
            return new Node(key, value, priority, newLeft, newRight);
        }
    }

    private record Halves(@Nullable Node below, @Nullable Node above) {}

    private final @Nullable Node root;

    private PersistentMap(@Nullable Node root) {
        this.root = root;
    }

    byte @Nullable [] get(byte[] key) {
        Node at = root;
        while (at != null) {
            int order = Arrays.compareUnsigned(key, at.key);
            if (order == 0) {
                return at.value;
            }
            at = order < 0 ? at.left : at.right;
        }
        return null;
    }

    PersistentMap put(byte[] key, byte[] value) {
        return new PersistentMap(put(root, key, value, priority(key)));
    }

    PersistentMap delete(byte[] key) {
        return get(key) == null ? this : new PersistentMap(delete(root, key));
    }

    private static Node put(@Nullable Node at, byte[] key, byte[] value, int priority) {
        if (at == null) {
            return new Node(key, value, priority, null, null);
        }
        int order = Arrays.compareUnsigned(key, at.key);
        if (order == 0) {
            return new Node(key, value, priority, at.left, at.right);
        }
        if (at.priority < priority) {
            Halves halves = split(at, key);
            return new Node(key, value, priority, halves.below, halves.above);
        }
        return order < 0
                ? at.with(put(at.left, key, value, priority), at.right)
                : at.with(at.left, put(at.right, key, value, priority));
    }

    /** Everything before and everything after {@code key}; the key itself is in neither. */
    private static Halves split(@Nullable Node at, byte[] key) {
        if (at == null) {
            return new Halves(null, null);
        }
        int order = Arrays.compareUnsigned(key, at.key);
        if (order == 0) {
            return new Halves(at.left, at.right);
        }
        if (order < 0) {
            Halves halves = split(at.left, key);
            return new Halves(halves.below, at.with(halves.above, at.right));
        }
        Halves halves = split(at.right, key);
        return new Halves(at.with(at.left, halves.below), halves.above);
    }

    private static @Nullable Node delete(@Nullable Node at, byte[] key) {
        if (at == null) {
            return null;
        }
        int order = Arrays.compareUnsigned(key, at.key);
        if (order == 0) {
            return join(at.left, at.right);
        }
        return order < 0 ? at.with(delete(at.left, key), at.right) : at.with(at.left, delete(at.right, key));
    }

    private static @Nullable Node join(@Nullable Node below, @Nullable Node above) {
        if (below == null) {
            return above;
        }
        if (above == null) {
            return below;
        }
        return below.priority >= above.priority
                ? below.with(below.left, join(below.right, above))
                : above.with(join(below, above.left), above.right);
    }

    private static int priority(byte[] key) {
        int hash = Arrays.hashCode(key);
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }

    /** The entries from {@code from} on, in ascending order. */
    Walk walk(byte[] from) {
        return new Walk(root, from);
    }

    /** Steps through a map. Confined to one thread. */
    static final class Walk {
        /** Nodes still to be visited, each with everything right of it; the next one is on top. */
        private final Deque<Node> pending = new ArrayDeque<>();

        private @Nullable Node at;

        private Walk(@Nullable Node root, byte[] from) {
            Node node = root;
            while (node != null) {
                if (Arrays.compareUnsigned(node.key, from) >= 0) {
                    pending.push(node);
                    node = node.left;
                } else {
                    node = node.right;
                }
            }
        }

        boolean next() {
            at = pending.poll();
            if (at == null) {
                return false;
            }
            for (Node node = at.right; node != null; node = node.left) {
                pending.push(node);
            }
            return true;
        }

        byte[] key() {
            return current().key;
        }

        byte[] value() {
            return current().value;
        }

        private Node current() {
            if (at == null) {
                throw new IllegalStateException("there is no current entry");
            }
            return at;
        }
    }
}
