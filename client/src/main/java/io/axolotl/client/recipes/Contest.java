package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Makes a conditional write again while others are faster, for as long as one call of the client may take. Pauses grow and are
 * drawn at random, so that those who contend do not meet again. Safe for all threads.
 */
final class Contest<T> {
    private static final long FIRST_PAUSE_MICROS = 500;
    private static final int LARGEST_SHIFT = 7;

    private final String call;
    private final Supplier<CompletableFuture<Optional<T>>> attempt;
    private final long deadlineNanos;
    private final CompletableFuture<T> won = new CompletableFuture<>();
    private int lost;

    private Contest(AxolotlClient client, String call, Supplier<CompletableFuture<Optional<T>>> attempt) {
        this.call = call;
        this.attempt = attempt;
        this.deadlineNanos =
                System.nanoTime() + client.options().requestTimeout().toNanos();
    }

    /**
     * @param attempt tries once; empty if somebody else was faster
     * @return what an attempt came to, or the first failure; cancelled, it makes no more attempts
     */
    static <T> CompletableFuture<T> win(
            AxolotlClient client, String call, Supplier<CompletableFuture<Optional<T>>> attempt) {
        Contest<T> contest = new Contest<>(client, call, attempt);
        contest.tryOnce();
        return contest.won;
    }

    private void tryOnce() {
        if (won.isDone()) {
            return;
        }
        var unused = attempt.get().whenComplete((result, failure) -> {
            if (failure != null) {
                won.completeExceptionally(failure);
            } else if (result.isPresent()) {
                won.complete(result.get());
            } else if (System.nanoTime() - deadlineNanos >= 0) {
                won.completeExceptionally(new ContendedException(call));
            } else {
                pauseAndTry();
            }
        });
    }

    private void pauseAndTry() {
        long most = FIRST_PAUSE_MICROS << Math.min(lost, LARGEST_SHIFT);
        lost++;
        CompletableFuture.delayedExecutor(ThreadLocalRandom.current().nextLong(most), TimeUnit.MICROSECONDS)
                .execute(this::tryOnce);
    }
}
