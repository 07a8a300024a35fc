package io.axolotl.server.api.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds whom a change of a key concerns: single keys by hash, ranges by a {@link RangeIndex}.
 *
 * <p>Confined to the watch thread. Not to be changed while it is asked.
 */
final class WatcherIndex<W> {
    private final Map<ByteString, Set<W>> byKey = new HashMap<>();
    private final RangeIndex<W> byRange = new RangeIndex<>();
    private int size;

    /** The watcher must not be in it. */
    void add(KeySpan span, W watcher) {
        if (span.isSingle()) {
            byKey.computeIfAbsent(UnsafeByteOperations.unsafeWrap(span.from()), key -> new LinkedHashSet<>())
                    .add(watcher);
        } else {
            byRange.add(span, watcher);
        }
        size++;
    }

    /** @throws AssertionError if it is not in it */
    void remove(KeySpan span, W watcher) {
        if (span.isSingle()) {
            ByteString key = UnsafeByteOperations.unsafeWrap(span.from());
            Set<W> watchers = byKey.get(key);
            if (watchers == null || !watchers.remove(watcher)) {
                throw new AssertionError("a watcher that is to be removed is not in the index");
            }
            if (watchers.isEmpty()) {
                byKey.remove(key);
            }
        } else {
            byRange.remove(span, watcher);
        }
        size--;
    }

    void forEachOn(byte[] key, Consumer<W> visitor) {
        if (!byKey.isEmpty()) {
            Set<W> watchers = byKey.get(UnsafeByteOperations.unsafeWrap(key));
            if (watchers != null) {
                watchers.forEach(visitor);
            }
        }
        if (!byRange.isEmpty()) {
            byRange.forEachOn(key, visitor);
        }
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }
}
