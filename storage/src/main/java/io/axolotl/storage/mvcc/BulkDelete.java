package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the rest of a run must know of keys that one command deleted by the thousands: one short array per key, from which
 * its {@code idx} record and its event are made again when somebody asks. A delete may take every key there is, so each
 * byte kept here counts; a plain change keeps several hundred.
 *
 * <p>Keys are added in ascending order and their revisions ascend too, so either is found by halving.
 *
 * <p>Confined to the apply thread.
 */
final class BulkDelete {
    /** Array header and the reference to it. */
    private static final int OVERHEAD_BYTES = 24;

    /** Per key: the key; revision of the version that was deleted, and of the tombstone; the tombstone's record. */
    private final List<byte[]> deleted = new ArrayList<>();

    /** @return the memory that this takes, roughly */
    int add(byte[] key, Revision previous, IndexRecord tombstone) {
        byte[] record = tombstone.encode();
        ByteSink counting = ByteSink.counting();
        write(counting, key, previous, record);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out, key, previous, record);
        byte[] packed = out.toArray();
        deleted.add(packed);
        return OVERHEAD_BYTES + packed.length;
    }

    private static void write(ByteSink out, byte[] key, Revision previous, byte[] record) {
        out.bytes(key);
        out.varint(previous.main());
        out.varint(previous.sub());
        out.raw(record);
    }

    /** One key, unpacked. */
    private record Grave(byte[] key, Revision previous, IndexRecord tombstone) {
        EventRecord event() {
            return EventRecord.tombstone(
                    tombstone.revision(), previous, tombstone.jumps().jump(), key);
        }
    }

    private Grave at(int place) {
        try {
            ByteSource in = new ByteSource(deleted.get(place));
            byte[] key = in.bytes();
            Revision previous = new Revision(in.varint(), in.varint32());
            return new Grave(key, previous, IndexRecord.decode(in.raw(in.remaining())));
        } catch (MalformedBytesException e) {
            throw new AssertionError("what was packed here cannot be unpacked", e);
        }
    }

    /** The record of a key, or null if it is not among these. */
    @Nullable IndexRecord index(byte[] key) {
        int place = firstFrom(key);
        if (place == deleted.size()) {
            return null;
        }
        Grave found = at(place);
        return Arrays.equals(found.key, key) ? found.tombstone : null;
    }

    /** The event of a revision, or null if it is not among these. */
    @Nullable EventRecord event(Revision wanted) {
        int low = 0;
        int high = deleted.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Grave found = at(middle);
            int order = found.tombstone.revision().compareTo(wanted);
            if (order == 0) {
                return found.event();
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /** The records from a key on, before {@code toExclusive} unless null, in key order. */
    Iterator<Map.Entry<byte[], IndexRecord>> indexes(byte[] from, byte @Nullable [] toExclusive) {
        int end = toExclusive == null ? deleted.size() : firstFrom(toExclusive);
        return new Iterator<>() {
            private int place = firstFrom(from);

            @Override
            public boolean hasNext() {
                return place < end;
            }

            @Override
            public Map.Entry<byte[], IndexRecord> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Grave found = at(place++);
                return new AbstractMap.SimpleImmutableEntry<>(found.key, found.tombstone);
            }
        };
    }

    /** All keys, in order. */
    Stream<byte[]> keys() {
        return deleted.stream().map(BulkDelete::keyOf);
    }

    private int firstFrom(byte[] key) {
        int low = 0;
        int high = deleted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(keyOf(deleted.get(middle)), key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static byte[] keyOf(byte[] packed) {
        try {
            return new ByteSource(packed).bytes();
        } catch (MalformedBytesException e) {
            throw new AssertionError("what was packed here cannot be unpacked", e);
        }
    }
}
