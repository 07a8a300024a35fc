package io.axolotl.server.api;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the answer to a call, and whether still.
 *
 * <p>Immutable; safe for all threads.
 */
final class Waiter {
    private final StreamObserver<?> observer;
    private final @Nullable Deadline deadline;

    private Waiter(StreamObserver<?> observer, @Nullable Deadline deadline) {
        this.observer = observer;
        this.deadline = deadline;
    }

    /** Of the call that is handled on this thread. */
    static Waiter of(StreamObserver<?> observer) {
        return new Waiter(observer, Context.current().getDeadline());
    }

    /** A read of the call that is handled on this thread. What has waited until nobody waits for it is not made (pitfall 62). */
    static Runnable stillWanted(StreamObserver<?> observer, Runnable read) {
        Waiter waiter = of(observer);
        return () -> {
            if (waiter.hasLeft()) {
                observer.onError(EtcdError.TIMEOUT.exception());
            } else {
                read.run();
            }
        };
    }

    /** Whether nobody waits any more: the call was given up, or its time is over, though it may not have heard so yet. */
    boolean hasLeft() {
        return (observer instanceof ServerCallStreamObserver<?> call && call.isCancelled())
                || (deadline != null && deadline.isExpired());
    }
}
