package io.axolotl.jepsen.chaos.environment;

import java.time.Duration;

/**
 * What becomes of what is sent over a link. Immutable.
 *
 * @param cut nothing arrives, and nobody is told
 * @param delay of everything
 * @param jitter added to the delay, drawn anew for every packet between nothing and this
 * @param bytesPerSecond at most; 0 for as many as the machine moves
 * @param packets what becomes of single packets besides
 */
public record LinkState(boolean cut, Duration delay, Duration jitter, long bytesPerSecond, Packets packets) {
    /**
     * Shares of the packets, 0 to 1, to which something happens, each drawn for itself. Immutable.
     *
     * @param lost they vanish
     * @param overtaken they are held back, so that later ones are there before them
     * @param doubled they arrive twice
     * @param corrupt one bit of them arrives as another
     */
    public record Packets(double lost, double overtaken, double doubled, double corrupt) {
        static final Packets WHOLE = new Packets(0, 0, 0, 0);

        public Packets {
            if (!(isShare(lost) && isShare(overtaken) && isShare(doubled) && isShare(corrupt))) {
                throw new IllegalArgumentException("no link can be like this: loss " + lost + ", overtaken " + overtaken
                        + ", doubled " + doubled + ", corrupt " + corrupt);
            }
        }

        private static boolean isShare(double share) {
            return share >= 0 && share <= 1;
        }

        private Packets and(Packets other) {
            return new Packets(
                    either(lost, other.lost),
                    either(overtaken, other.overtaken),
                    either(doubled, other.doubled),
                    either(corrupt, other.corrupt));
        }

        private static double either(double one, double other) {
            return one + other - one * other;
        }
    }

    public static final LinkState WHOLE = new LinkState(false, Duration.ZERO, Duration.ZERO, 0, Packets.WHOLE);
    public static final LinkState CUT = new LinkState(true, Duration.ZERO, Duration.ZERO, 0, Packets.WHOLE);

    public LinkState {
        if (delay.isNegative() || jitter.isNegative() || bytesPerSecond < 0) {
            throw new IllegalArgumentException("no link can be like this: delay " + delay + ", jitter " + jitter + ", "
                    + bytesPerSecond + " bytes a second");
        }
    }

    private static LinkState with(Packets packets) {
        return new LinkState(false, Duration.ZERO, Duration.ZERO, 0, packets);
    }

    /** Delayed by a time, and up to a second one more. */
    public static LinkState slow(Duration delay, Duration jitter) {
        return new LinkState(false, delay, jitter, 0, Packets.WHOLE);
    }

    public static LinkState narrow(long bytesPerSecond) {
        return new LinkState(false, Duration.ZERO, Duration.ZERO, bytesPerSecond, Packets.WHOLE);
    }

    /** @param share of the packets, 0 to 1 */
    public static LinkState lossy(double share) {
        return with(new Packets(share, 0, 0, 0));
    }

    /** @param share of the packets that are overtaken by later ones */
    public static LinkState reordered(double share) {
        return with(new Packets(0, share, 0, 0));
    }

    /** @param share of the packets that arrive twice */
    public static LinkState doubled(double share) {
        return with(new Packets(0, 0, share, 0));
    }

    /** @param share of the packets of which a bit is flipped */
    public static LinkState corrupt(double share) {
        return with(new Packets(0, 0, 0, share));
    }

    /** Whether it does nothing that whoever passes bytes on, and knows of no packets, could not do. */
    boolean isOfBytes() {
        return packets.equals(Packets.WHOLE);
    }

    /** Both at once: the longer delays, the narrower of the two, and what becomes of packets in either. */
    public LinkState and(LinkState other) {
        long narrower = bytesPerSecond == 0 || other.bytesPerSecond == 0
                ? Math.max(bytesPerSecond, other.bytesPerSecond)
                : Math.min(bytesPerSecond, other.bytesPerSecond);
        return new LinkState(
                cut || other.cut,
                delay.compareTo(other.delay) >= 0 ? delay : other.delay,
                jitter.compareTo(other.jitter) >= 0 ? jitter : other.jitter,
                narrower,
                packets.and(other.packets));
    }
}
