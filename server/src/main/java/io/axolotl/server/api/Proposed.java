package io.axolotl.server.api;

import io.axolotl.server.driver.NodeService.ProposalCallback;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.CommandResult;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/**
 * What becomes of a call when the command that it made has come to something.
 *
 * <p>Safe for all threads.
 */
final class Proposed<R extends CommandResult> implements ProposalCallback {
    private final StreamObserver<?> observer;
    private final Waiter waiter;
    private final Class<R> resultType;
    private final Consumer<R> onDone;

    private Proposed(StreamObserver<?> observer, Class<R> resultType, Consumer<R> onDone) {
        this.observer = observer;
        this.waiter = Waiter.of(observer);
        this.resultType = resultType;
        this.onDone = onDone;
    }

    /**
     * Ends the call if the command was refused or its outcome is unknown.
     *
     * @param onDone goes on with the call if it was applied
     */
    static <R extends CommandResult> ProposalCallback then(
            StreamObserver<?> observer, Class<R> resultType, Consumer<R> onDone) {
        return new Proposed<>(observer, resultType, onDone);
    }

    @Override
    public void on(ProposalResult outcome) {
        if (outcome instanceof ProposalResult.Done done) {
            if (done.result() instanceof CommandResult.Refused refused) {
                observer.onError(CallMark.exceptionOf(refused));
            } else if (done.result() instanceof CommandResult.AnswerNotKept applied) {
                observer.onError(CallMark.exceptionOf(applied));
            } else if (resultType.isInstance(done.result())) {
                onDone.accept(resultType.cast(done.result()));
            } else {
                observer.onError(Status.INTERNAL
                        .withDescription(
                                "etcdserver: the call came to a result of another kind; it may have been applied")
                        .asRuntimeException());
            }
        } else if (outcome instanceof ProposalResult.Refused refused) {
            observer.onError(EtcdError.of(refused.why()).exception());
        } else if (outcome instanceof ProposalResult.Unknown unknown) {
            observer.onError(EtcdError.ofUnknown(unknown.why()).exception());
        } else {
            throw new AssertionError("no answer is known for " + outcome);
        }
    }

    @Override
    public boolean isAbandoned() {
        return waiter.hasLeft();
    }
}
