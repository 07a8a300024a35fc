package io.axolotl.jepsen.chaos.environment;

import java.time.Duration;

/**
 * What becomes of what is sent over a link. Immutable.
 *
 * @param cut nothing arrives, and nobody is told
 * @param delay of everything
 * @param jitter added to the delay, drawn anew for every packet between nothing and this
 * @param loss share of the packets that vanish, 0 to 1
 * @param bytesPerSecond at most; 0 for as many as the machine moves
 */
public record LinkState(boolean cut, Duration delay, Duration jitter, double loss, long bytesPerSecond) {
    public static final LinkState WHOLE = new LinkState(false, Duration.ZERO, Duration.ZERO, 0, 0);
    public static final LinkState CUT = new LinkState(true, Duration.ZERO, Duration.ZERO, 0, 0);

    public LinkState {
        if (delay.isNegative() || jitter.isNegative() || !(loss >= 0 && loss <= 1) || bytesPerSecond < 0) {
            throw new IllegalArgumentException("no link can be like this: delay " + delay + ", jitter " + jitter
                    + ", loss " + loss + ", " + bytesPerSecond + " bytes a second");
        }
    }

    /** Delayed by a time, and up to a second one more. */
    public static LinkState slow(Duration delay, Duration jitter) {
        return new LinkState(false, delay, jitter, 0, 0);
    }

    /** @param share of the packets, 0 to 1 */
    public static LinkState lossy(double share) {
        return new LinkState(false, Duration.ZERO, Duration.ZERO, share, 0);
    }

    public static LinkState narrow(long bytesPerSecond) {
        return new LinkState(false, Duration.ZERO, Duration.ZERO, 0, bytesPerSecond);
    }

    /** Both at once: the longer delays, the losses of both, the narrower of the two. */
    public LinkState and(LinkState other) {
        long narrower = bytesPerSecond == 0 || other.bytesPerSecond == 0
                ? Math.max(bytesPerSecond, other.bytesPerSecond)
                : Math.min(bytesPerSecond, other.bytesPerSecond);
        return new LinkState(
                cut || other.cut,
                delay.compareTo(other.delay) >= 0 ? delay : other.delay,
                jitter.compareTo(other.jitter) >= 0 ? jitter : other.jitter,
                1 - (1 - loss) * (1 - other.loss),
                narrower);
    }
}
