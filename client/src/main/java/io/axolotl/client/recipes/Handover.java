package io.axolotl.client.recipes;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Gives what was made to whoever waits for it, or away if nobody does any more. */
final class Handover {
    private Handover() {}

    /**
     * @param unwanted gets what comes after the returned future was cancelled
     * @return ends as the source does; to cancel it does not cancel the source
     */
    static <T> CompletableFuture<T> of(CompletableFuture<T> source, Consumer<T> unwanted) {
        CompletableFuture<T> wanted = new CompletableFuture<>();
        var unused = source.whenComplete((result, failure) -> {
            if (failure != null) {
                wanted.completeExceptionally(failure);
            } else if (!wanted.complete(result)) {
                unwanted.accept(result);
            }
        });
        return wanted;
    }
}
