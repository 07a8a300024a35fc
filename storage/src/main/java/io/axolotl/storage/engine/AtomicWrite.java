package io.axolotl.storage.engine;

/**
 * Changes that become visible together and survive a crash together. Later changes of one key win over earlier ones.
 * Filled, handed to {@link KvEngine#write}, which empties it, and filled again.
 *
 * <p>Arrays are read at once and not kept. Confined to one thread.
 */
public interface AtomicWrite extends AutoCloseable {
    void put(Space space, byte[] key, byte[] value);

    void delete(Space space, byte[] key);

    /**
     * Deletes a key that has been put exactly once in its life; cheaper than {@link #delete}. On a key that was put twice
     * the outcome is undefined, which is why only {@link Space#REV} is deleted from in this way.
     */
    void singleDelete(Space space, byte[] key);

    /** Changes collected since the last write. */
    int count();

    @Override
    void close();
}
