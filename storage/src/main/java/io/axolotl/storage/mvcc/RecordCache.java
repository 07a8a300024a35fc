package io.axolotl.storage.mvcc;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code idx} records that were read or written last. Every change of a key needs the record before it; asking the
 * engine for it is the dearest part of applying a put, and keys that are written are written again.
 *
 * <p>Holds what the last committed write holds, never more: a transaction's own records come in when it is committed, and
 * what compaction deletes goes out. A new store, as after a snapshot was installed, starts with an empty one.
 *
 * <p>Bounded in bytes, evicts the least recently used. Confined to the apply thread.
 */
final class RecordCache {
    private static final int ENTRY_OVERHEAD_BYTES = 96;

    private final long maxBytes;
    private final LinkedHashMap<Key, IndexRecord> records = new LinkedHashMap<>(256, 0.75f, true);
    private long bytes;

    RecordCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Nullable IndexRecord get(byte[] key) {
        return records.get(new Key(key));
    }

    void put(byte[] key, IndexRecord record) {
        IndexRecord before = records.put(new Key(key), record);
        bytes += record.memoryBytes() - (before == null ? -costOf(key) : before.memoryBytes());
        while (bytes > maxBytes) {
            Map.Entry<Key, IndexRecord> eldest = records.entrySet().iterator().next();
            evict(eldest.getKey().bytes);
        }
    }

    void evict(byte[] key) {
        IndexRecord before = records.remove(new Key(key));
        if (before != null) {
            bytes -= before.memoryBytes() + costOf(key);
        }
    }

    long bytes() {
        return bytes;
    }

    private static long costOf(byte[] key) {
        return (long) ENTRY_OVERHEAD_BYTES + key.length;
    }

    private static final class Key {
        private final byte[] bytes;
        private final int hash;

        Key(byte[] bytes) {
            this.bytes = bytes;
            this.hash = Arrays.hashCode(bytes);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Key other && hash == other.hash && Arrays.equals(bytes, other.bytes);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
