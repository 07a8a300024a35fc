package io.axolotl.storage.engine;

import org.jspecify.annotations.Nullable;

/**
 * All spaces as they were between two writes. Keeps the engine from closing: whoever has it goes on getting and scanning
 * while closing waits for it. Keeps old data from being dropped, too, so it is not held for longer than its readers need.
 *
 * <p>Safe for all threads; the owner closes it when no thread is inside any more. Calls after that raise {@link
 * IllegalStateException}; all but {@link #close} raise {@link EngineException} on damage or disk trouble.
 */
public interface EngineView extends AutoCloseable {
    /** The value of a key, or null; the caller's to keep. */
    byte @Nullable [] get(Space space, byte[] key);

    /**
     * The entries with keys in {@code [from, toExclusive)}.
     *
     * @param toExclusive null for no end
     */
    EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive);

    @Override
    void close();
}
