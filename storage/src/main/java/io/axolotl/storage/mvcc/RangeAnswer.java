package io.axolotl.storage.mvcc;

import java.util.List;

/**
 * What a range read came to. Immutable.
 */
public sealed interface RangeAnswer {
    /**
     * @param revision the store's current revision at the moment of the read (HD-2)
     * @param more keys were cut off by the limit
     * @param count keys in the range at that revision, whatever limit and filters say (RG-5)
     */
    record Found(long revision, List<KeyValue> kvs, boolean more, long count) implements RangeAnswer {}

    /** Nothing was read. */
    record Refused(Refusal why) implements RangeAnswer {}
}
