package io.axolotl.server.api;

import io.axolotl.storage.mvcc.ReadMeter;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of answers: each by itself, and all together that were read and are not sent yet. A read that would
 * go beyond is ended where it stands, so that no client can fill the heap by asking for everything, or by not reading
 * what it has asked for.
 *
 * <p>Safe for all threads.
 */
final class AnswerBudget {
    private final long maxAnswerBytes;
    private final long maxUnsentBytes;
    private final AtomicLong unsentBytes = new AtomicLong();

    AnswerBudget(long maxAnswerBytes, long maxUnsentBytes) {
        this.maxAnswerBytes = maxAnswerBytes;
        this.maxUnsentBytes = maxUnsentBytes;
    }

    /** To be called while the call is being set up: its end gives the answer's bytes back. */
    Answer begin(ServerCallStreamObserver<?> observer, Runnable onCancel) {
        Answer answer = new Answer();
        observer.setOnCloseHandler(answer::end);
        observer.setOnCancelHandler(() -> {
            answer.end();
            onCancel.run();
        });
        return answer;
    }

    /** The answer to one call; it may be read in pieces, or again from the start. Safe for all threads. */
    final class Answer implements ReadMeter {
        /** Guarded by this, as is {@link #isEnded}. */
        private long heldBytes;

        private boolean isEnded;

        /** @throws Exceeded if that is too much, or nobody waits for the answer any more */
        @Override
        public synchronized void holds(long bytes) {
            if (isEnded) {
                throw new Exceeded(EtcdError.STOPPED);
            }
            if (heldBytes + bytes > maxAnswerBytes) {
                throw new Exceeded(EtcdError.ANSWER_TOO_LARGE);
            }
            if (unsentBytes.addAndGet(bytes) > maxUnsentBytes) {
                unsentBytes.addAndGet(-bytes);
                throw new Exceeded(EtcdError.TOO_MANY_ANSWERS);
            }
            heldBytes += bytes;
        }

        /** What was read so far is not held any more. */
        synchronized void restart() {
            unsentBytes.addAndGet(-heldBytes);
            heldBytes = 0;
        }

        private synchronized void end() {
            restart();
            isEnded = true;
        }
    }

    /** Ends a read. {@link StoreReader} turns it into a refusal. Has no stack: it is an answer, not an accident. */
    static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final EtcdError error;

        private Exceeded(EtcdError error) {
            super(error.text(), null, false, false);
            this.error = error;
        }

        EtcdError error() {
            return error;
        }
    }
}
