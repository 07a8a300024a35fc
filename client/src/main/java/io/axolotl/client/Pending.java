package io.axolotl.client;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A call under way: a future, and for those who want to block, {@link #await}. Fails only with an {@link AxolotlException},
 * or by {@link #cancel}, which also gives the call up on the wire; a write that is cancelled has an unknown outcome.
 *
 * <p>Completes on a network thread. Stages that depend on it without an executor run there and must not block. Safe for all
 * threads.
 */
public final class Pending<T> extends CompletableFuture<T> {
    private final String call;
    private final Effect effect;
    private final BooleanSupplier onNetworkThread;

    Pending(String call, Effect effect, BooleanSupplier onNetworkThread) {
        this.call = call;
        this.effect = effect;
        this.onNetworkThread = onNetworkThread;
    }

    /** A read that takes several calls: ends as the last of them does. To cancel it cancels the given future. */
    public static <T> Pending<T> ofReads(AxolotlClient client, String call, CompletableFuture<T> calls) {
        return follow(client.runner().pending(call, Effect.READ), calls);
    }

    /**
     * A write that takes several calls: ends as the last of them does. To cancel it cancels the given future, and leaves the
     * outcome unknown.
     */
    public static <T> Pending<T> ofWrites(AxolotlClient client, String call, CompletableFuture<T> calls) {
        return follow(client.runner().pending(call, Effect.WRITE), calls);
    }

    private static <T> Pending<T> follow(Pending<T> pending, CompletableFuture<T> calls) {
        var unused = calls.whenComplete((result, failure) -> {
            if (failure == null) {
                pending.complete(result);
            } else {
                pending.completeExceptionally(
                        failure instanceof CompletionException wrapped && wrapped.getCause() != null
                                ? wrapped.getCause()
                                : failure);
            }
        });
        var unusedToo = pending.whenComplete((result, failure) -> {
            if (pending.isCancelled()) {
                calls.cancel(true);
            }
        });
        return pending;
    }

    /**
     * Waits for the end. An interrupt gives the call up; the thread stays interrupted.
     *
     * @throws RefusedException if nothing was changed
     * @throws UnknownOutcomeException if the write may have been applied
     * @throws IllegalStateException on a network thread, which would wait for itself
     */
    public T await() {
        if (!isDone() && onNetworkThread.getAsBoolean()) {
            throw new IllegalStateException(
                    "await() on a network thread would wait for itself; use thenApplyAsync and the like to leave it");
        }
        try {
            return get();
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (CancellationException e) {
            throw effect.givenUp(ErrorCode.CANCELLED, call + " was cancelled by its caller");
        } catch (InterruptedException e) {
            cancel(true);
            Thread.currentThread().interrupt();
            throw effect.givenUp(ErrorCode.CANCELLED, "the thread that waited for " + call + " was interrupted");
        }
    }

    /** Waits for the end and returns it as a value. */
    public Outcome<T> awaitOutcome() {
        try {
            return new Outcome.Done<>(await());
        } catch (RefusedException e) {
            return new Outcome.Refused<>(e);
        } catch (UnknownOutcomeException e) {
            return new Outcome.Unknown<>(e);
        }
    }

    private static AxolotlException failure(@Nullable Throwable cause) {
        if (cause instanceof AxolotlException failure) {
            return failure;
        }
        throw new AssertionError("a call failed with something else than an AxolotlException", cause);
    }
}
