package io.axolotl.server.api.watch;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a watcher is about: one key, or {@code [from, end)}. Immutable by convention: arrays are not written to.
 *
 * @param end null for no end; unused if {@code isSingle}
 */
record KeySpan(byte[] from, byte @Nullable [] end, boolean isSingle) {
    private static final byte[] FIRST_KEY = {0};
    private static final byte[] NOTHING = {};

    /** As a watch request has it (WA-1, RG-2): an empty key is the 0 byte, an end of one 0 byte is no end. */
    static KeySpan of(ByteString key, ByteString rangeEnd) {
        byte[] from = key.isEmpty() ? FIRST_KEY : key.toByteArray();
        if (rangeEnd.isEmpty()) {
            return new KeySpan(from, null, true);
        }
        boolean isOpen = rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
        return new KeySpan(from, isOpen ? null : rangeEnd.toByteArray(), false);
    }

    /** The end as a range request has it. */
    byte[] rangeEnd() {
        return isSingle ? NOTHING : end == null ? FIRST_KEY : end;
    }

    /** An end at or before the start. */
    boolean isEmpty() {
        return end != null && Arrays.compareUnsigned(from, end) >= 0;
    }

    boolean contains(byte[] key) {
        return isSingle
                ? Arrays.equals(from, key)
                : Arrays.compareUnsigned(from, key) <= 0 && (end == null || Arrays.compareUnsigned(key, end) < 0);
    }
}
