package io.axolotl.storage.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map of byte strings that never changes: a change gives a new map that shares most of the old one. So a view
 * of a {@link MemoryEngine} is three references.
 *
 * <p>A treap whose priorities are hashes of the keys: its shape depends on its keys alone.
 */
final class SortedBytes {
    static final SortedBytes EMPTY = new SortedBytes(null);
    private static final byte[] NOTHING = {};

    private final @Nullable Node root;

    private SortedBytes(@Nullable Node root) {
        this.root = root;
    }

    record Node(
            byte[] key,
            byte[] value,
            int priority,
            @Nullable Node left,
            @Nullable Node right) {
        Node withLeft(@Nullable Node newLeft) {
            return new Node(key, value, priority, newLeft, right);
        }

        Node withRight(@Nullable Node newRight) {
            return new Node(key, value, priority, left, newRight);
        }
    }

    byte @Nullable [] get(byte[] key) {
        Node node = root;
        while (node != null) {
            int order = Arrays.compareUnsigned(key, node.key);
            if (order == 0) {
                return node.value;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    /** The entries at and after {@code key}, in order. */
    Walk from(byte[] key) {
        return new Walk(root, key);
    }

    /** All entries, in order. */
    Walk walk() {
        return new Walk(root, NOTHING);
    }

    /** A way through the entries in order. Used once, by one thread at a time. */
    static final class Walk {
        /** Those whose turn is still to come, the next one last; what is behind one is to its right. */
        private Node[] coming = new Node[32];

        private int count;

        private Walk(@Nullable Node root, byte[] from) {
            Node node = root;
            while (node != null) {
                if (Arrays.compareUnsigned(node.key, from) >= 0) {
                    add(node);
                    node = node.left;
                } else {
                    node = node.right;
                }
            }
        }

        private void add(Node node) {
            if (count == coming.length) {
                coming = Arrays.copyOf(coming, 2 * count);
            }
            coming[count++] = node;
        }

        /** The next entry, or null behind the last. */
        @Nullable Node next() {
            if (count == 0) {
                return null;
            }
            Node next = coming[--count];
            for (Node node = next.right; node != null; node = node.left) {
                add(node);
            }
            return next;
        }
    }

    SortedBytes with(byte[] key, byte[] value) {
        return new SortedBytes(put(root, key, value));
    }

    SortedBytes without(byte[] key) {
        return new SortedBytes(remove(root, key));
    }

    private static Node put(@Nullable Node node, byte[] key, byte[] value) {
        if (node == null) {
            return new Node(key, value, priority(key), null, null);
        }
        int order = Arrays.compareUnsigned(key, node.key);
        if (order == 0) {
            return new Node(node.key, value, node.priority, node.left, node.right);
        }
        if (order < 0) {
            Node left = put(node.left, key, value);
            return left.priority > node.priority ? left.withRight(node.withLeft(left.right)) : node.withLeft(left);
        }
        Node right = put(node.right, key, value);
        return right.priority > node.priority ? right.withLeft(node.withRight(right.left)) : node.withRight(right);
    }

    private static @Nullable Node remove(@Nullable Node node, byte[] key) {
        if (node == null) {
            return null;
        }
        int order = Arrays.compareUnsigned(key, node.key);
        if (order < 0) {
            return node.withLeft(remove(node.left, key));
        } else if (order > 0) {
            return node.withRight(remove(node.right, key));
        }
        return join(node.left, node.right);
    }

    private static @Nullable Node join(@Nullable Node left, @Nullable Node right) {
        if (left == null) {
            return right;
        } else if (right == null) {
            return left;
        }
        return left.priority > right.priority
                ? left.withRight(join(left.right, right))
                : right.withLeft(join(left, right.left));
    }

    private static int priority(byte[] key) {
        int h = Arrays.hashCode(key) * 0x9E3779B9;
        h = (h ^ (h >>> 16)) * 0x85EBCA6B;
        return h ^ (h >>> 13);
    }
}
