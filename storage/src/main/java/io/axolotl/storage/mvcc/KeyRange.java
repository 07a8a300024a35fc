package io.axolotl.storage.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a pair (key, range_end) of the API means (RG-2). Immutable by convention: arrays are shared.
 *
 * @param isSingle just {@code from}; {@code toExclusive} is null then
 * @param toExclusive null for no end
 */
record KeyRange(byte[] from, byte @Nullable [] toExclusive, boolean isSingle) {
    static KeyRange of(byte[] key, byte[] rangeEnd) {
        if (rangeEnd.length == 0) {
            return new KeyRange(key, null, true);
        }
        boolean isOpen = rangeEnd.length == 1 && rangeEnd[0] == 0;
        return new KeyRange(key, isOpen ? null : rangeEnd, false);
    }

    /** An end at or before the start: no key, and no error. */
    boolean isEmpty() {
        return toExclusive != null && Arrays.compareUnsigned(toExclusive, from) <= 0;
    }
}
