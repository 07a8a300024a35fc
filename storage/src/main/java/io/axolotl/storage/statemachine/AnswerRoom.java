package io.axolotl.storage.statemachine;

import io.axolotl.storage.mvcc.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * How much of an answer is made: all of it for who waits, nothing for nobody, and for a session no more than can be kept. Keys
 * and values alone are counted, which are less than the bytes that keep them: so what is cut off here could not have been
 * kept, on any member, however much of it each has made.
 *
 * <p>Confined to one thread.
 */
final class AnswerRoom {
    private long leftBytes;

    private AnswerRoom(long leftBytes) {
        this.leftBytes = leftBytes;
    }

    static AnswerRoom unbounded() {
        return new AnswerRoom(Long.MAX_VALUE);
    }

    static AnswerRoom none() {
        return new AnswerRoom(-1);
    }

    static AnswerRoom of(long bytes) {
        return new AnswerRoom(bytes);
    }

    /** Whether more is wanted; once not, never again. */
    boolean isOpen() {
        return leftBytes >= 0;
    }

    /** This is a part of the answer. */
    void took(@Nullable KeyValue kv) {
        if (kv != null && isOpen()) {
            leftBytes -= kv.key().length + kv.value().length;
        }
    }
}
