package io.axolotl.storage.mvcc;

import java.util.Arrays;

/**
 * What the rolling digest was at some indexes, ascending. Two of them, of two members, tell where their histories part:
 * up to some index all that both know is equal, and from there on nothing is.
 *
 * <p>Immutable by convention: the arrays are shared and of equal length.
 */
public record Checkpoints(long[] indexes, long[] digests) {
    public static final Checkpoints NONE = new Checkpoints(new long[0], new long[0]);

    /** What {@link #equalThrough} and {@link #differsFrom} say when there is no such index. */
    public static final long NOWHERE = -1;

    public Checkpoints {
        if (indexes.length != digests.length) {
            throw new IllegalArgumentException(indexes.length + " indexes for " + digests.length + " digests");
        }
        for (int i = 1; i < indexes.length; i++) {
            if (indexes[i] <= indexes[i - 1]) {
                throw new IllegalArgumentException("checkpoints are not in the order of their indexes");
            }
        }
    }

    public boolean isEmpty() {
        return indexes.length == 0;
    }

    /** The last index, or {@link #NOWHERE}. */
    public long newest() {
        return isEmpty() ? NOWHERE : indexes[indexes.length - 1];
    }

    public boolean has(long index) {
        return Arrays.binarySearch(indexes, index) >= 0;
    }

    /** @throws IllegalArgumentException unless it {@link #has} it */
    public long digestAt(long index) {
        int at = Arrays.binarySearch(indexes, index);
        if (at < 0) {
            throw new IllegalArgumentException("there is no checkpoint at index " + index);
        }
        return digests[at];
    }

    /** The last index at which both have the same digest, or {@link #NOWHERE}. */
    public long equalThrough(Checkpoints other) {
        long first = differsFrom(other);
        for (int i = indexes.length - 1; i >= 0; i--) {
            if ((first == NOWHERE || indexes[i] < first) && other.has(indexes[i])) {
                return indexes[i];
            }
        }
        return NOWHERE;
    }

    /**
     * The first index at which both have a digest and not the same one, or {@link #NOWHERE}. By bisection: from where
     * histories part they stay apart.
     */
    public long differsFrom(Checkpoints other) {
        long[] common = Arrays.stream(indexes).filter(other::has).toArray();
        int low = 0;
        int high = common.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (digestAt(common[middle]) == other.digestAt(common[middle])) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == common.length ? NOWHERE : common[low];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoints that
                && Arrays.equals(indexes, that.indexes)
                && Arrays.equals(digests, that.digests);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(indexes) + Arrays.hashCode(digests);
    }

    @Override
    public String toString() {
        return isEmpty() ? "no checkpoints" : indexes.length + " checkpoints from " + indexes[0] + " to " + newest();
    }
}
