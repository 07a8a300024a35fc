package io.axolotl.jepsen.chaos.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A packet each millisecond, of which the last four bytes are its number, and a look at what goes on at each. */
class LinkQueueTest {
    private static final Link LINK = new Link(0, 1);
    private static final long MS = 1_000_000;
    private static final int ETHERNET = 14;
    private static final int IP = 20;
    private static final int BYTES = 100;
    private static final int PACKETS = 2_000;

    private final LinkQueue queue = new LinkQueue(7);

    /** Some time of {@link System#nanoTime}, which may be below 0 and may run over. */
    private long now = Long.MAX_VALUE - 500 * MS;

    /** What came out, and when, since the start. */
    private record Out(long atNanos, byte[] frame) {
        int number() {
            int end = frame.length;
            return ((frame[end - 2] & 0xff) << 8) | (frame[end - 1] & 0xff);
        }
    }

    private static byte[] packet(int number) {
        byte[] frame = new byte[BYTES];
        frame[12] = 8;
        frame[ETHERNET] = 0x45;
        frame[ETHERNET + 3] = (byte) (BYTES - ETHERNET);
        frame[BYTES - 2] = (byte) (number >> 8);
        frame[BYTES - 1] = (byte) number;
        return frame;
    }

    private List<Out> pass(LinkState state) {
        queue.set(LINK, state);
        long start = now;
        List<Out> all = new ArrayList<>();
        for (int millis = 0; millis < 2 * PACKETS; millis++) {
            if (millis < PACKETS) {
                queue.take(LINK, packet(millis), now);
            }
            for (byte[] next = queue.poll(now); next != null; next = queue.poll(now)) {
                all.add(new Out(now - start, next));
            }
            now += MS;
        }
        assertThat(queue.nanosLeft(now)).isEqualTo(Long.MAX_VALUE);
        return all;
    }

    private static List<Integer> numbers(List<Out> all) {
        return all.stream().map(Out::number).toList();
    }

    private static int bits(byte[] one, byte[] other) {
        int bits = 0;
        for (int i = 0; i < one.length; i++) {
            bits += Integer.bitCount((one[i] ^ other[i]) & 0xff);
        }
        return bits;
    }

    @Test
    void aWholeLinkPassesEverythingAtOnceInItsOrder() {
        List<Out> all = pass(LinkState.WHOLE);
        assertThat(all).hasSize(PACKETS).allMatch(out -> out.atNanos == out.number() * MS);
        assertThat(queue.tally(LINK)).isEqualTo(new LinkTally(PACKETS, 0, 0, 0, 0, 0));
        assertThat(queue.tally(new Link(1, 0))).isEqualTo(LinkTally.NONE);
    }

    @Test
    @DisplayName("N12: everything is late by the delay, and by up to the jitter more")
    void aSlowLinkIsLate() {
        assertThat(pass(LinkState.slow(Duration.ofMillis(20), Duration.ofMillis(10))))
                .hasSize(PACKETS)
                .allSatisfy(out -> assertThat(out.atNanos - out.number() * MS).isBetween(20 * MS, 31 * MS));
        assertThat(queue.tally(LINK).late()).isEqualTo(PACKETS);
    }

    @Test
    @DisplayName("N11: a share of the packets vanishes, and the rest is as it was")
    void aLossyLinkLoses() {
        List<Out> all = pass(LinkState.lossy(0.3));
        assertThat(all.size()).isCloseTo(PACKETS * 7 / 10, within(PACKETS / 20));
        assertThat(numbers(all)).isSorted().doesNotHaveDuplicates();
        assertThat(queue.tally(LINK).lost()).isEqualTo(PACKETS - all.size());
    }

    @Test
    @DisplayName("N14: a share of the packets is overtaken by later ones, none is lost and none comes twice")
    void aReorderingLinkReorders() {
        List<Integer> numbers = numbers(pass(LinkState.reordered(0.2)));
        assertThat(numbers).hasSize(PACKETS).doesNotHaveDuplicates();
        long overtaken = 0;
        int newest = -1;
        for (int number : numbers) {
            overtaken += number < newest ? 1 : 0;
            newest = Math.max(newest, number);
        }
        assertThat(overtaken).isCloseTo(PACKETS / 5L, within(PACKETS / 20L));
        assertThat(queue.tally(LINK).overtaken()).isGreaterThanOrEqualTo(overtaken);
    }

    @Test
    @DisplayName("N13: a share of the packets comes a second time, soon after")
    void aDoublingLinkDoubles() {
        List<Out> all = pass(LinkState.doubled(0.5));
        assertThat(numbers(all).stream().distinct()).hasSize(PACKETS);
        assertThat(all.size()).isCloseTo(PACKETS * 3 / 2, within(PACKETS / 20));
        assertThat(all)
                .allSatisfy(out ->
                        assertThat(out.atNanos - out.number() * MS).isBetween(0L, LinkQueue.MOST_HOLD_BACK_NANOS + MS));
        assertThat(queue.tally(LINK).doubled()).isEqualTo(all.size() - PACKETS);
    }

    @Test
    @DisplayName("of a share of the packets one bit is flipped, of what IP carries and never of IP's own header")
    void aCorruptLinkFlipsBits() {
        List<Out> all = pass(LinkState.corrupt(0.5));
        assertThat(all).hasSize(PACKETS);
        int flipped = 0;
        for (int i = 0; i < PACKETS; i++) {
            byte[] frame = all.get(i).frame;
            byte[] sent = packet(i);
            assertThat(bits(sent, frame)).isLessThanOrEqualTo(1);
            assertThat(frame).startsWith(java.util.Arrays.copyOf(sent, ETHERNET + IP));
            flipped += bits(sent, frame);
        }
        assertThat(flipped).isCloseTo(PACKETS / 2, within(PACKETS / 20));
        assertThat(queue.tally(LINK).corrupt()).isEqualTo(flipped);
    }

    @Test
    @DisplayName("what carries nothing of IP, or is cut off, is not bent")
    void whatIsNoIpIsLeftAlone() {
        queue.set(LINK, LinkState.corrupt(1));
        byte[] question = new byte[42];
        question[12] = 8;
        question[13] = 6;
        byte[] cutOff = packet(1);
        cutOff[ETHERNET + 3] = (byte) BYTES;
        for (byte[] frame : List.of(question, cutOff, new byte[ETHERNET])) {
            byte[] before = frame.clone();
            queue.take(LINK, frame, now);
            assertThat(queue.poll(now)).isEqualTo(before);
        }
        assertThat(queue.tally(LINK).corrupt()).isZero();
    }

    @Test
    @DisplayName("N18: a narrow link passes no more than it is wide, and drops what would wait too long")
    void aNarrowLinkIsNarrow() {
        List<Out> all = pass(LinkState.narrow(BYTES * 100));
        // 100 packets a second come through, and as many more as may wait.
        int most = (int) (PACKETS / 10 + 100 * LinkQueue.MOST_QUEUE_NANOS / (1_000 * MS) + 2);
        assertThat(all.size()).isBetween(PACKETS / 10, most);
        assertThat(numbers(all)).isSorted();
        assertThat(queue.tally(LINK).lost()).isEqualTo(PACKETS - all.size());
    }

    @Test
    void aCutLinkPassesNothingAndAMendedOneAllAgain() {
        assertThat(pass(LinkState.CUT)).isEmpty();
        assertThat(pass(LinkState.WHOLE)).hasSize(PACKETS);
    }

    @Test
    @DisplayName("the same seed gives the same")
    void followsFromTheSeed() {
        LinkState all = LinkState.slow(Duration.ZERO, Duration.ofMillis(3))
                .and(LinkState.lossy(0.1))
                .and(LinkState.reordered(0.1))
                .and(LinkState.doubled(0.1))
                .and(LinkState.corrupt(0.1));
        List<Integer> here = numbers(pass(all));
        assertThat(numbers(new LinkQueueTest().pass(all))).isEqualTo(here);
        assertThat(queue.tally(LINK).overtaken()).isPositive();
    }
}
