package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which keys hang on which lease, as a run has left it so far: an index beside {@code idx}, written in the same run, so that
 * the keys of a lease are found without looking at others. It follows from the leases in {@code idx} alone.
 *
 * <p>Confined to the apply thread.
 */
final class Attachments {
    /** Values are never empty; the version of this one is 1. */
    private static final byte[] PRESENT = {1};

    private static final int OVERHEAD_BYTES = 120;

    private final KvEngine engine;
    private final AtomicWrite write;

    /** The run's own changes: {@link MetaKeys#attached} keys, and whether they are there. */
    private final NavigableMap<byte[], Boolean> changed = new TreeMap<>(Arrays::compareUnsigned);

    Attachments(KvEngine engine, AtomicWrite write) {
        this.engine = engine;
        this.write = write;
    }

    /**
     * A key hangs on another lease than before; 0 is none.
     *
     * @return the memory that this takes until the run is written, roughly
     */
    int move(byte[] key, long from, long to) {
        if (from == to) {
            return 0;
        }
        if (from != 0) {
            byte[] gone = MetaKeys.attached(from, key);
            write.delete(Space.META, gone);
            changed.put(gone, false);
        }
        if (to != 0) {
            byte[] come = MetaKeys.attached(to, key);
            write.put(Space.META, come, PRESENT);
            changed.put(come, true);
        }
        return 2 * (OVERHEAD_BYTES + key.length);
    }

    /** A key goes in a {@link BulkDelete}, after which the run ends: nobody asks this run for it any more. */
    void dropInBulk(byte[] key, long from) {
        if (from != 0) {
            write.delete(Space.META, MetaKeys.attached(from, key));
        }
    }

    /** The keys that hang on a lease, in order, as of this call. To be closed. */
    Keys of(long lease) {
        return between(MetaKeys.attachedFrom(lease), MetaKeys.attachedTo(lease));
    }

    /** As {@link #of(long)}, those in {@code [firstKey, endKey)} alone; {@code endKey} is null for no end. */
    Keys of(long lease, byte[] firstKey, byte @Nullable [] endKey) {
        return between(
                MetaKeys.attached(lease, firstKey),
                endKey == null ? MetaKeys.attachedTo(lease) : MetaKeys.attached(lease, endKey));
    }

    private Keys between(byte[] from, byte[] to) {
        return new Keys(engine.scan(Space.META, from, to), new TreeMap<>(changed.subMap(from, true, to, false)));
    }

    /** A walk over the written keys of a lease and the run's own. What is changed meanwhile does not show. */
    static final class Keys implements AutoCloseable {
        private final EngineCursor written;
        private final NavigableMap<byte[], Boolean> own;
        private final Iterator<Map.Entry<byte[], Boolean>> ownEntries;
        private byte @Nullable [] nextWritten;
        private byte @Nullable [] nextOwn;

        private Keys(EngineCursor written, NavigableMap<byte[], Boolean> own) {
            this.written = written;
            this.own = own;
            this.ownEntries = own.entrySet().iterator();
            stepWritten();
            stepOwn();
        }

        private void stepWritten() {
            nextWritten = null;
            while (nextWritten == null && written.next()) {
                byte[] found = written.key();
                // The run knows better, and tells those that are still there itself.
                nextWritten = own.containsKey(found) ? null : found;
            }
        }

        private void stepOwn() {
            nextOwn = null;
            while (nextOwn == null && ownEntries.hasNext()) {
                Map.Entry<byte[], Boolean> entry = ownEntries.next();
                nextOwn = entry.getValue() ? entry.getKey() : null;
            }
        }

        /** The next user's key, or null at the end. */
        byte @Nullable [] next() {
            byte[] fromWritten = nextWritten;
            byte[] fromOwn = nextOwn;
            boolean isWritten =
                    fromWritten != null && (fromOwn == null || Arrays.compareUnsigned(fromWritten, fromOwn) < 0);
            byte[] found = isWritten ? fromWritten : fromOwn;
            if (found == null) {
                return null;
            }
            if (isWritten) {
                stepWritten();
            } else {
                stepOwn();
            }
            return MetaKeys.attachedKeyOf(found);
        }

        @Override
        public void close() {
            written.close();
        }
    }
}
