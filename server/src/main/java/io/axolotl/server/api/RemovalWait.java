package io.axolotl.server.api;

import io.axolotl.storage.statemachine.KvStateMachine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits until compacted history is gone from this member's store (CP-3). A snapshot may replace the store meanwhile; what
 * waited at the old one would wait for ever, so somebody looks from time to time, and waits at the new one.
 *
 * <p>Safe for all threads.
 */
final class RemovalWait {
    private static final Executor LATER = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final StoreReader store;
    private final Duration timeout;

    RemovalWait(StoreReader store, Duration timeout) {
        this.store = store;
        this.timeout = timeout;
    }

    /** Told exactly once, on any thread; must not block. */
    @FunctionalInterface
    interface Callback {
        /** @param error null once history is removed */
        void on(@Nullable EtcdError error);
    }

    void await(long revision, Callback callback) {
        CompletableFuture<Void> removed = new CompletableFuture<>();
        CompletableFuture<Void> unused = removed.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((nothing, failure) -> callback.on(failure == null ? null : error(failure)));
        watch(revision, removed, null);
    }

    /** @param watched the store at which {@code removed} waits already */
    private void watch(long revision, CompletableFuture<Void> removed, @Nullable KvStateMachine watched) {
        if (removed.isDone()) {
            return;
        }
        KvStateMachine live;
        try {
            live = store.read(s -> {
                if (s != watched) {
                    s.whenRemoved(revision, () -> removed.complete(null));
                }
                return s;
            });
        } catch (RequestRefused refused) {
            removed.completeExceptionally(refused);
            return;
        }
        LATER.execute(() -> watch(revision, removed, live));
    }

    private static EtcdError error(Throwable failure) {
        if (failure instanceof RequestRefused refused) {
            return refused.error();
        } else if (failure instanceof TimeoutException) {
            return EtcdError.TIMEOUT;
        }
        throw new AssertionError("waiting for the removal of history cannot end so", failure);
    }
}
