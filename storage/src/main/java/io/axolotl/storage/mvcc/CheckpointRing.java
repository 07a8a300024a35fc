package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.util.Arrays;

/**
 * The rolling digest at every {@value #EVERY}th index, the newest {@value #SLOTS} of them, durable with the entry that
 * each is of: a slot of {@code meta} is written over when its turn comes again.
 *
 * <p>{@link #put} and {@link #taken} are confined to the apply thread; {@link #all} is safe for all threads.
 */
final class CheckpointRing {
    static final int EVERY = 64;
    static final int SLOTS = 1024;

    /** By slot; 0 where nothing is. Guarded by this. */
    private final long[] indexes = new long[SLOTS];

    private final long[] digests = new long[SLOTS];

    /** @throws StoreDamagedException if what is stored cannot be */
    static CheckpointRing read(KvEngine engine, long appliedIndex) {
        CheckpointRing ring = new CheckpointRing();
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.checkpointsFrom(), MetaKeys.checkpointsTo())) {
            while (cursor.next()) {
                byte[] value = cursor.value();
                int slot = MetaKeys.checkpointSlotOf(cursor.key());
                long index = value.length == 2 * Long.BYTES ? ByteSource.getLong(value, 0) : 0;
                if (index <= 0 || index > appliedIndex || !isAt(index) || slotOf(index) != slot) {
                    throw new StoreDamagedException("the checkpoint in slot " + slot + " cannot be: index " + index);
                }
                ring.taken(index, ByteSource.getLong(value, Long.BYTES));
            }
        }
        return ring;
    }

    static boolean isAt(long index) {
        return index % EVERY == 0;
    }

    private static int slotOf(long index) {
        return (int) ((index / EVERY) % SLOTS);
    }

    /** Adds a checkpoint to a write; once that has happened, {@link #taken} shows it. */
    static void put(AtomicWrite write, long index, long digest) {
        byte[] value = new byte[2 * Long.BYTES];
        ByteSink.putLong(value, 0, index);
        ByteSink.putLong(value, Long.BYTES, digest);
        write.put(Space.META, MetaKeys.checkpoint(slotOf(index)), value);
    }

    synchronized void taken(long index, long digest) {
        int slot = slotOf(index);
        indexes[slot] = index;
        digests[slot] = digest;
    }

    /** Whether the digest at {@code index} is here. */
    synchronized boolean has(long index) {
        return index > 0 && isAt(index) && indexes[slotOf(index)] == index;
    }

    /** Means nothing unless it {@link #has} it. */
    synchronized long digestAt(long index) {
        return digests[slotOf(index)];
    }

    /** The newest, or nothing: one checkpoint at most. */
    synchronized Checkpoints newest() {
        int best = 0;
        for (int slot = 1; slot < SLOTS; slot++) {
            best = indexes[slot] > indexes[best] ? slot : best;
        }
        return indexes[best] == 0
                ? Checkpoints.NONE
                : new Checkpoints(new long[] {indexes[best]}, new long[] {digests[best]});
    }

    synchronized Checkpoints all() {
        long[] found =
                Arrays.stream(indexes).filter(index -> index > 0).sorted().toArray();
        long[] of = new long[found.length];
        for (int i = 0; i < of.length; i++) {
            of[i] = digests[slotOf(found[i])];
        }
        return new Checkpoints(found, of);
    }
}
