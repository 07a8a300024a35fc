package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.KeyRange;
import io.axolotl.client.RefusedException;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits until keys are as they should be: looks, waits for a change after the revision at which it has looked, and looks again.
 * A look comes every few seconds even if no change is told, so that a watch which falls silent costs time and nothing else; and
 * it goes on while the cluster cannot be reached, since a wait has no time limit of its own.
 *
 * <p>Looks follow each other and never overlap. Safe for all threads.
 */
final class Lookout<T> {
    private static final long LOOK_AGAIN_MILLIS = 3_000;
    private static final long TROUBLE_PAUSE_MILLIS = 100;

    private final AxolotlClient client;
    private final KeyRange range;
    private final Predicate<WatchEvent> matters;
    private final Supplier<CompletableFuture<Look<T>>> look;
    private final Consumer<T> unwanted;
    private final CompletableFuture<T> found = new CompletableFuture<>();
    private volatile CompletableFuture<Void> waiting = new CompletableFuture<>();

    /**
     * What was found at a revision. Immutable.
     *
     * @param found empty if it is to be waited for
     */
    record Look<T>(Optional<T> found, long revision) {}

    private Lookout(
            AxolotlClient client,
            KeyRange range,
            Predicate<WatchEvent> matters,
            Supplier<CompletableFuture<Look<T>>> look,
            Consumer<T> unwanted) {
        this.client = client;
        this.range = range;
        this.matters = matters;
        this.look = look;
        this.unwanted = unwanted;
    }

    /**
     * @param matters whether a change is worth another look
     * @param unwanted gets what was found after the wait was given up
     * @return what was found, or why it cannot be looked for; cancelled, it looks no more
     */
    static <T> CompletableFuture<T> until(
            AxolotlClient client,
            KeyRange range,
            Predicate<WatchEvent> matters,
            Supplier<CompletableFuture<Look<T>>> look,
            Consumer<T> unwanted) {
        Lookout<T> lookout = new Lookout<>(client, range, matters, look, unwanted);
        var unused = lookout.found.whenComplete((result, failure) -> lookout.waiting.complete(null));
        lookout.lookOnce();
        return lookout.found;
    }

    private void lookOnce() {
        if (found.isDone()) {
            return;
        }
        var unused = look.get().whenComplete((seen, failure) -> {
            if (failure != null) {
                if (isPassing(failure)) {
                    pause(TROUBLE_PAUSE_MILLIS);
                } else {
                    found.completeExceptionally(failure);
                }
            } else if (seen.found().isPresent()) {
                if (!found.complete(seen.found().get())) {
                    unwanted.accept(seen.found().get());
                }
            } else {
                waitForChange(seen.revision() + 1);
            }
        });
    }

    /** The cluster may be reached again. */
    private static boolean isPassing(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RefusedException refused
                && (refused.code() == ErrorCode.UNAVAILABLE || refused.code() == ErrorCode.DEADLINE_EXCEEDED);
    }

    private void pause(long millis) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::lookOnce);
    }

    private void waitForChange(long fromRevision) {
        CompletableFuture<Void> changed = new CompletableFuture<>();
        waiting = changed;
        if (found.isDone()) {
            return;
        }
        Listener listener = new Listener(changed);
        var unused = changed.completeOnTimeout(null, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((nothing, failure) -> {
                    listener.cancel();
                    if (failure == null) {
                        lookOnce();
                    } else {
                        pause(TROUBLE_PAUSE_MILLIS);
                    }
                });
        client.changes(range, WatchOptions.DEFAULT.from(fromRevision)).subscribe(listener);
    }

    /** Ends the wait at the first change that matters; also when the watch ends, whyever: the next look will tell. */
    private final class Listener implements Flow.Subscriber<WatchResult> {
        private final CompletableFuture<Void> changed;
        private Flow.@Nullable Subscription subscription;
        private boolean isCancelled;

        Listener(CompletableFuture<Void> changed) {
            this.changed = changed;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            synchronized (this) {
                subscription = given;
                if (isCancelled) {
                    given.cancel();
                    return;
                }
            }
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(WatchResult result) {
            if (result.events().stream().anyMatch(matters)) {
                changed.complete(null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            changed.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            changed.completeExceptionally(new CancellationException("the server has ended the watch"));
        }

        synchronized void cancel() {
            isCancelled = true;
            Flow.Subscription given = subscription;
            if (given != null) {
                given.cancel();
            }
        }
    }
}
