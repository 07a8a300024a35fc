package io.axolotl.jepsen.chaos.measure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a run as one view saw it: from the first fault of an episode to the first of the next, or the quiet before the first fault. The
 * pieces follow on each other without a gap. An episode is faults of which each struck before those before were healed and the loss of
 * service was over: what it cost cannot be told apart. Immutable.
 *
 * @param faults kinds of the faults of the episode, {@code a + b} in alphabetical order if there are several; empty if quiet
 * @param kind {@code write} or {@code read}
 * @param whyVoid why it does not count, else ""
 * @param windows without service, after-effects included: what comes back must last
 * @param recoveryNanos TR of its first fault; null if quiet, or not over
 * @param detectionNanos TD of the first of its faults after which something was reported; null if there is none
 * @param newLeaderNanos likewise
 * @param redundancyNanos TRR, likewise
 */
public record Cycle(
        String faults,
        View view,
        String kind,
        String whyVoid,
        long observedNanos,
        List<Window> windows,
        @Nullable Long recoveryNanos,
        @Nullable Long detectionNanos,
        @Nullable Long newLeaderNanos,
        @Nullable Long redundancyNanos) {
    public Cycle {
        windows = List.copyOf(windows);
    }

    public boolean isQuiet() {
        return faults.isEmpty();
    }

    /** All windows together. */
    public long downNanos() {
        return windows.stream().mapToLong(Window::lengthNanos).sum();
    }
}
