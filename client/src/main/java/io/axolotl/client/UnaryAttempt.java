package io.axolotl.client;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a unary call: sends the request, collects the single response, and is told to its owner exactly once, however
 * it ends.
 *
 * <p>It may be given up by anybody at any time. gRPC throws at whoever goes on to begin a call that was cancelled, and tells the
 * listener of one that was cancelled before its start nothing at all. So who gives up an attempt that is being begun leaves a
 * note, and the call is cancelled once it has begun.
 *
 * <p>{@link #begin} is called once, by one thread; {@link #abandon} and {@link #giveUp} are safe for all threads.
 */
final class UnaryAttempt<Q, A> extends ClientCall.Listener<A> implements Connection.Attempt {
    private final ClientCall<Q, A> call;
    private final Ending<Q, A> ending;
    private final AtomicBoolean hasEnded = new AtomicBoolean();
    private volatile boolean isBegun;
    private volatile boolean isAbandoned;
    private volatile boolean isGivenUp;

    /** Confined to the call's listener. */
    private @Nullable A response;

    /** Hears of the end. */
    interface Ending<Q, A> {
        /** @param response null if there was none */
        void ended(UnaryAttempt<Q, A> attempt, Status status, Metadata trailers, @Nullable A response);
    }

    UnaryAttempt(ClientCall<Q, A> call, Ending<Q, A> ending) {
        this.call = call;
        this.ending = ending;
    }

    /** What cannot be begun has ended: whether anything of it was sent, the owner knows. */
    void begin(Q request, Metadata headers) {
        try {
            call.start(this, headers);
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        } catch (RuntimeException e) {
            end(
                    Status.INTERNAL
                            .withDescription("the call could not be begun: " + e)
                            .withCause(e),
                    new Metadata(),
                    null);
            // After that: cancelled, it tells its listener so, in fewer words.
            call.cancel("the call could not be begun", e);
            return;
        }
        isBegun = true;
        if (isAbandoned || isGivenUp) {
            cancel();
        }
    }

    /** The member does not answer; it ends as {@link Status#UNAVAILABLE}, unless it has ended for another reason already. */
    @Override
    public void abandon() {
        isAbandoned = true;
        if (isBegun) {
            cancel();
        }
    }

    /** Nobody wants the answer any more. */
    void giveUp() {
        isGivenUp = true;
        if (isBegun) {
            cancel();
        }
    }

    private void cancel() {
        call.cancel(isGivenUp ? "given up by the caller" : "the member does not answer", null);
    }

    @Override
    public void onMessage(A message) {
        response = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        boolean isForSilence = isAbandoned && status.getCode() == Status.Code.CANCELLED;
        end(
                isForSilence ? Status.UNAVAILABLE.withDescription("the member did not answer any more") : status,
                trailers,
                response);
    }

    private void end(Status status, Metadata trailers, @Nullable A answer) {
        if (hasEnded.compareAndSet(false, true)) {
            ending.ended(this, status, trailers, answer);
        }
    }
}
