package io.axolotl.storage.engine;

/**
 * Walks a part of one space in ascending order of keys. Begins before the first entry.
 *
 * <p>Must be closed before its view is. Confined to one thread. Every method but {@link #close} raises {@link
 * EngineException} on damage or disk trouble.
 */
public interface EngineCursor extends AutoCloseable {
    /** Steps to the next entry; false at the end. After false only {@link #close} may be called. */
    boolean next();

    /** The key of the entry stepped to; the caller's to keep. */
    byte[] key();

    /** The value of the entry stepped to; the caller's to keep. */
    byte[] value();

    /** The first byte of the value of the entry stepped to, 0 to 255: cheaper than the whole. Values are never empty. */
    int firstValueByte();

    @Override
    void close();
}
