package io.axolotl.jepsen.chaos.measure;

import java.util.Arrays;

/**
 * Which member a client sends to that may choose: it stays where it is, until another has answered and its own has been silent for longer
 * than three probes take to fall due. That is the best that a client without a second connection's worth of luck can do: no answer is waited for that another
 * member would have given. Confined to the prober's monitor.
 */
final class Choice {
    private static final long PATIENCE_PERIODS = 3;

    private final long patienceNanos;
    private final long[] answeredNanos;
    private int current;

    Choice(int members, long periodNanos, long nowNanos) {
        this.patienceNanos = PATIENCE_PERIODS * periodNanos;
        this.answeredNanos = new long[members];
        Arrays.fill(answeredNanos, nowNanos);
    }

    void answered(int member, long nowNanos) {
        answeredNanos[member] = Math.max(answeredNanos[member], nowNanos);
    }

    /** Where to send now. */
    int next() {
        int newest = current;
        for (int member = 0; member < answeredNanos.length; member++) {
            if (answeredNanos[member] > answeredNanos[newest]) {
                newest = member;
            }
        }
        if (answeredNanos[newest] - answeredNanos[current] > patienceNanos) {
            current = newest;
        }
        return current;
    }
}
