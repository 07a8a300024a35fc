package io.axolotl.raft.model;

import io.axolotl.raft.membership.NodeId;
import java.util.List;

/**
 * A value as a tree of numbers and node ids, to be hashed under any renaming of the nodes. What is ordered by node id alone
 * is a {@link Bag}, for another naming would order it otherwise.
 *
 * <p>Immutable.
 */
sealed interface Shape {
    /** The hash of this value if every node were called what {@code renaming} calls it. */
    long hash(Renaming renaming);

    /** New names of nodes, by their old ones; ids are small numbers from 1 on. */
    record Renaming(long[] names) {
        static Renaming identity(int nodes) {
            long[] names = new long[nodes + 1];
            for (int i = 1; i <= nodes; i++) {
                names[i] = i;
            }
            return new Renaming(names);
        }

        long of(NodeId id) {
            return names[Math.toIntExact(id.value())];
        }
    }

    record Value(long number) implements Shape {
        @Override
        public long hash(Renaming renaming) {
            return mix(number + 0x5851f42d4c957f2dL);
        }
    }

    record Name(NodeId id) implements Shape {
        @Override
        public long hash(Renaming renaming) {
            return mix(renaming.of(id) * 0x2545f4914f6cdd1dL);
        }
    }

    /** Parts whose order means something. */
    record Row(List<Shape> parts) implements Shape {
        static Row of(Shape... parts) {
            return new Row(List.of(parts));
        }

        @Override
        public long hash(Renaming renaming) {
            long hash = parts.size();
            for (Shape part : parts) {
                hash = mix(hash * 0x9e3779b97f4a7c15L + part.hash(renaming));
            }
            return hash;
        }
    }

    /** Parts whose order means nothing. */
    record Bag(List<Shape> parts) implements Shape {
        @Override
        public long hash(Renaming renaming) {
            long sum = 0;
            for (Shape part : parts) {
                sum += mix(part.hash(renaming) ^ 0x6a09e667f3bcc909L);
            }
            return mix(sum + parts.size());
        }
    }

    /** The finalizer of SplitMix64: every bit of the argument moves every bit of the result. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
