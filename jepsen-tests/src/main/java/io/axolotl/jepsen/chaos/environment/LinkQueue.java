package io.axolotl.jepsen.chaos.environment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of each packet of a link that is not whole: when it goes on, how often, or never, and with which bit flipped. Knows
 * neither devices nor the clock. The same seed, packets and times give the same.
 *
 * <p>A packet that would have to wait its turn for longer than {@link #MOST_QUEUE_NANOS} at a narrow link is dropped, as by a router.
 *
 * <p>A flipped bit is one of what IP carries, and the checksum stays as it was: TCP's, which sees every single flip, has the receiver
 * drop the packet. With the checksum made right the flip would reach whoever reads the bytes. That nobody notices is then no fault of
 * a server that was told to speak without TLS: neither etcd nor Axolotl promises to, Axolotl's own checksums guard what is kept (of
 * entries, forwarded proposals, snapshots) and not a vote. Those are tested where they are.
 *
 * <p>Confined to one thread at a time.
 */
final class LinkQueue {
    static final long MOST_QUEUE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    /** A packet that is overtaken, or comes a second time, is so late at most. */
    static final long MOST_HOLD_BACK_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

    private static final long LEAST_HOLD_BACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final class Counts {
        private long taken;
        private long lost;
        private long late;
        private long overtaken;
        private long doubled;
        private long corrupt;
    }

    private record Waiting(long dueNanos, long order, byte[] frame) implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            int byTime = Long.compare(dueNanos - other.dueNanos, 0);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final SplittableRandom chance;
    private final Map<Link, LinkState> states = new HashMap<>();
    private final Map<Link, Counts> counts = new HashMap<>();
    /** When the last packet of a narrow link will have left. */
    private final Map<Link, Long> freeAtNanos = new HashMap<>();

    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private long order;

    LinkQueue(long seed) {
        this.chance = new SplittableRandom(seed);
    }

    /** From now on. */
    void set(Link link, LinkState state) {
        states.put(link, state);
    }

    LinkTally tally(Link link) {
        Counts so = counts.getOrDefault(link, new Counts());
        return new LinkTally(so.taken, so.lost, so.late, so.overtaken, so.doubled, so.corrupt);
    }

    /** A packet has come, addressed as it is to go on. It is kept, not copied. */
    void take(Link link, byte[] frame, long nowNanos) {
        LinkState state = states.getOrDefault(link, LinkState.WHOLE);
        LinkState.Packets packets = state.packets();
        Counts so = counts.computeIfAbsent(link, any -> new Counts());
        so.taken++;
        long late = lateness(link, state, frame.length, nowNanos);
        if (state.cut() || isDrawn(packets.lost()) || late < 0) {
            so.lost++;
            return;
        }
        so.late += late > 0 ? 1 : 0;
        if (isDrawn(packets.overtaken())) {
            so.overtaken++;
            late += holdBack();
        }
        List<Long> dues = new ArrayList<>(List.of(nowNanos + late));
        if (isDrawn(packets.doubled())) {
            so.doubled++;
            dues.add(nowNanos + late + holdBack());
        }
        for (long due : dues) {
            byte[] sent = frame;
            if (isDrawn(packets.corrupt())) {
                sent = flipped(frame);
                so.corrupt += sent == frame ? 0 : 1;
            }
            waiting.add(new Waiting(due, order++, sent));
        }
    }

    private boolean isDrawn(double share) {
        return share > 0 && chance.nextDouble() < share;
    }

    private long holdBack() {
        return chance.nextLong(LEAST_HOLD_BACK_NANOS, MOST_HOLD_BACK_NANOS);
    }

    /** By delay, jitter and the packets before it; below 0 if there is no room for it. */
    private long lateness(Link link, LinkState state, int bytes, long nowNanos) {
        long late = state.delay().toNanos();
        if (!state.jitter().isZero()) {
            late += chance.nextLong(state.jitter().toNanos());
        }
        if (state.bytesPerSecond() > 0) {
            long ahead = Math.max(0, freeAtNanos.getOrDefault(link, nowNanos) - nowNanos);
            if (ahead > MOST_QUEUE_NANOS) {
                return -1;
            }
            long left = ahead + bytes * 1_000_000_000L / state.bytesPerSecond();
            freeAtNanos.put(link, nowNanos + left);
            late += left;
        }
        return late;
    }

    /** With one bit flipped of what IP carries; the same if it carries nothing. */
    private byte[] flipped(byte[] frame) {
        int from = Ipv4.payloadStart(frame);
        int to = Ipv4.payloadEnd(frame);
        if (from >= to) {
            return frame;
        }
        byte[] bent = Arrays.copyOf(frame, frame.length);
        int at = from + chance.nextInt(to - from);
        bent[at] = (byte) (bent[at] ^ (1 << chance.nextInt(8)));
        return bent;
    }

    /** How long until a packet goes on; below 0 if it is overdue, {@link Long#MAX_VALUE} if there is none. */
    long nanosLeft(long nowNanos) {
        Waiting first = waiting.peek();
        return first == null ? Long.MAX_VALUE : first.dueNanos - nowNanos;
    }

    /** The packet that goes on now, if one does. */
    byte @Nullable [] poll(long nowNanos) {
        return nanosLeft(nowNanos) > 0 ? null : waiting.remove().frame;
    }

    /** Where an Ethernet frame has what IP carries: half-open, empty if it is no IPv4 that is whole. */
    private static final class Ipv4 {
        private static final int ETHERNET_BYTES = 14;
        private static final int LEAST_BYTES = 20;

        private Ipv4() {}

        private static boolean isIpv4(byte[] frame) {
            return frame.length >= ETHERNET_BYTES + LEAST_BYTES
                    && frame[12] == 8
                    && frame[13] == 0
                    && (frame[ETHERNET_BYTES] & 0xf0) == 0x40;
        }

        static int payloadStart(byte[] frame) {
            return isIpv4(frame) ? ETHERNET_BYTES + (frame[ETHERNET_BYTES] & 0xf) * 4 : 0;
        }

        static int payloadEnd(byte[] frame) {
            int whole =
                    isIpv4(frame) ? ((frame[ETHERNET_BYTES + 2] & 0xff) << 8) | (frame[ETHERNET_BYTES + 3] & 0xff) : 0;
            return ETHERNET_BYTES + whole <= frame.length && whole > 0 ? ETHERNET_BYTES + whole : 0;
        }
    }
}
