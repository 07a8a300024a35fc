package io.axolotl.storage.auth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of keys as disjoint ranges that do not touch: the ranges of several permissions are merged before a range is held
 * against them (AU-10).
 *
 * <p>Immutable: safe for all threads.
 */
public final class KeyRanges {
    private static final byte[] FIRST = {};

    /** By their beginnings; each knows its end. */
    private final NavigableMap<byte[], Span> spans;

    /** Keys in {@code [from, to)}; without end if {@code to} is null. Immutable by convention. */
    public record Span(byte[] from, byte @Nullable [] to) {
        boolean endsBefore(byte[] key) {
            return to != null && Arrays.compareUnsigned(to, key) < 0;
        }

        private boolean reaches(byte @Nullable [] end) {
            return to == null || (end != null && Arrays.compareUnsigned(end, to) <= 0);
        }
    }

    private KeyRanges(NavigableMap<byte[], Span> spans) {
        this.spans = spans;
    }

    static boolean isOpen(byte[] rangeEnd) {
        return rangeEnd.length == 1 && rangeEnd[0] == 0;
    }

    /** The keys that a request or a permission names (RG-2). */
    static Span span(byte[] key, byte[] rangeEnd) {
        if (rangeEnd.length == 0) {
            return new Span(key, Arrays.copyOf(key, key.length + 1));
        }
        return new Span(key, isOpen(rangeEnd) ? null : rangeEnd);
    }

    /** All keys that are in any of these; a span without keys adds nothing. */
    static KeyRanges of(List<Span> all) {
        List<Span> sorted = new ArrayList<>(all);
        sorted.removeIf(span -> span.to != null && Arrays.compareUnsigned(span.from, span.to) >= 0);
        sorted.sort((a, b) -> Arrays.compareUnsigned(a.from, b.from));
        NavigableMap<byte[], Span> merged = new TreeMap<>(Arrays::compareUnsigned);
        Span current = null;
        for (Span next : sorted) {
            if (current == null || current.endsBefore(next.from)) {
                current = next;
            } else if (!current.reaches(next.to)) {
                current = new Span(current.from, next.to);
            }
            merged.put(current.from, current);
        }
        return new KeyRanges(merged);
    }

    /**
     * Whether every key that a request names is in this set. A range that ends before it begins names none; it is
     * let through, as with etcd, only if both its bounds lie inside one span.
     */
    public boolean covers(byte[] key, byte[] rangeEnd) {
        Span asked = span(key, rangeEnd);
        Map.Entry<byte[], Span> found = spans.floorEntry(asked.from);
        if (found == null) {
            return false;
        }
        Span span = found.getValue();
        boolean holdsFirst = span.to == null || Arrays.compareUnsigned(asked.from, span.to) < 0;
        boolean isEmpty = asked.to != null && Arrays.compareUnsigned(asked.to, asked.from) <= 0;
        if (isEmpty) {
            return holdsFirst && Arrays.compareUnsigned(span.from, asked.to) < 0;
        }
        return holdsFirst && span.reaches(asked.to);
    }

    /** All keys that are not in this set, in order. What lies in them shows whether something is outside without a look at all that is inside. */
    public List<Span> gaps() {
        List<Span> gaps = new ArrayList<>();
        byte[] from = FIRST;
        for (Span span : spans.values()) {
            if (Arrays.compareUnsigned(from, span.from) < 0) {
                gaps.add(new Span(from, span.from));
            }
            if (span.to == null) {
                return gaps;
            }
            from = span.to;
        }
        gaps.add(new Span(from, null));
        return gaps;
    }
}
