package io.axolotl.client;

import io.grpc.Status;
import java.util.Collections;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * What the client library makes of one call, attempt by attempt, for whoever makes time: its own {@link Verdict}, {@link
 * RetryPolicy} and {@link Rounds} decide what a failure proves, whether, when and where else the call is made again, and what
 * its caller is told. Takes the place of {@link CallRunner} alone, which does the same around connections and timers.
 *
 * <p>Confined to one thread.
 */
public final class SteppedCall {
    /** What to do after an attempt has failed. */
    public sealed interface Next {
        /** Make another one, but not before so long. */
        record Again(long pauseNanos) implements Next {}

        /** Tell the caller that it certainly changed nothing. */
        record Refused() implements Next {}

        /** Tell the caller that it may have happened. */
        record Unknown() implements Next {}
    }

    private final RetryPolicy policy;
    private final Effect effect;
    private final int places;
    private final long deadlineNanos;
    private final Rounds<Integer> rounds;
    private int attempts;

    /**
     * @param isRead whether the call can change nothing
     * @param places so many places may be asked, named from 0
     * @param deadlineNanos when its time is over
     */
    public SteppedCall(RetryPolicy policy, boolean isRead, int places, long deadlineNanos) {
        this.policy = policy;
        this.effect = isRead ? Effect.READ : Effect.WRITE;
        this.places = places;
        this.deadlineNanos = deadlineNanos;
        this.rounds = new Rounds<>(policy);
    }

    /** Places that have failed it in this round, and are asked again only if no other is left. */
    public Set<Integer> tried() {
        return Collections.unmodifiableSet(rounds.tried());
    }

    /**
     * An attempt has ended with anything but an answer.
     *
     * @param isSent whether anything of it may have left the client
     * @param chance uniform in [0, 1)
     */
    public Next failed(int place, Status status, boolean isSent, long nowNanos, DoubleSupplier chance) {
        attempts++;
        Verdict verdict = Verdict.of(status, isSent);
        if (verdict.mayRepeat(effect, false) && attempts < policy.maxAttempts()) {
            long pauseNanos = rounds.failedAt(place, verdict, tried -> tried.size() < places, chance);
            if (deadlineNanos - nowNanos > pauseNanos) {
                return new Next.Again(pauseNanos);
            }
        }
        boolean isRefused = verdict.provesNoEffect()
                || effect.givenUp(ErrorCode.of(status), "given up") instanceof RefusedException;
        return isRefused ? new Next.Refused() : new Next.Unknown();
    }
}
