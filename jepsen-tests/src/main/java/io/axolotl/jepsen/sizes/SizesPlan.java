package io.axolotl.jepsen.sizes;

import java.nio.file.Path;

/**
 * What is to be measured. Immutable.
 *
 * @param data where servers keep their data; emptied after each part
 * @param step keys between two looks at the memory while they are written
 * @param reads single keys that are read at the end
 * @param repeats how often each way to read a range is gone
 * @param heap most heap of an Axolotl server that is asked for a long range, such as {@code 256m}
 * @param streams that the watchers are spread over
 * @param ratePerSecond changes while there are watchers
 * @param slow watchers that do not read, each on a stream of its own
 * @param fast watchers beside them that do
 */
record SizesPlan(
        Path data,
        int nodes,
        long keys,
        long step,
        int valueBytes,
        int putsPerTxn,
        int reads,
        long streamKeys,
        int repeats,
        String heap,
        int watchers,
        int streams,
        int ratePerSecond,
        double seconds,
        double warmUpSeconds,
        int slow,
        int fast) {
    /** A change carries when it was due. */
    private static final int LEAST_VALUE_BYTES = 8;

    /** @throws IllegalArgumentException naming the option that cannot be */
    SizesPlan {
        atLeast("--nodes", nodes, 1);
        atLeast("--keys", keys, 1);
        atLeast("--step", step, 1);
        atLeast("--value-bytes", valueBytes, LEAST_VALUE_BYTES);
        atLeast("--puts-per-txn", putsPerTxn, 1);
        atLeast("--reads", reads, 1);
        atLeast("--stream-keys", streamKeys, 1);
        atLeast("--repeats", repeats, 1);
        atLeast("--watchers", watchers, 1);
        atLeast("--streams", streams, 1);
        atLeast("--events-per-second", ratePerSecond, 1);
        atLeast("--slow", slow, 1);
        atLeast("--fast", fast, 1);
        if (!(seconds > 0) || !(warmUpSeconds >= 0)) {
            throw new IllegalArgumentException("--seconds must be above 0, --warm-up-seconds not below; they are "
                    + seconds + " and " + warmUpSeconds);
        }
        if (streams > watchers) {
            throw new IllegalArgumentException("--streams is " + streams + ", more than the " + watchers
                    + " of --watchers; give each stream one at least");
        }
        if (putsPerTxn > 128) {
            throw new IllegalArgumentException("--puts-per-txn is " + putsPerTxn + "; servers take 128 at most");
        }
        if (!heap.matches("[1-9][0-9]*[kmgKMG]")) {
            throw new IllegalArgumentException("--heap is \"" + heap + "\"; give it as Java takes it, such as 256m");
        }
    }

    private static void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " is " + value + "; it must be at least " + least);
        }
    }
}
