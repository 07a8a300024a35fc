package io.axolotl.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The definitions of faults.md §7.1 on made-up probes: one every 10 ms, answered after 1 ms unless said otherwise. */
class OutageTest {
    private static final long MS = 1_000_000;
    private static final long FAULT = 1_000 * MS;

    /** Probes from 0 to {@code untilMs}; those sent in {@code [silentFromMs, silentToMs)} fail after 100 ms. */
    private static List<Outage.Probe> probes(long untilMs, long silentFromMs, long silentToMs) {
        List<Outage.Probe> probes = new ArrayList<>();
        for (long at = 0; at < untilMs; at += 10) {
            boolean fails = at >= silentFromMs && at < silentToMs;
            probes.add(new Outage.Probe(at * MS, (at + (fails ? 100 : 1)) * MS, !fails));
        }
        return probes;
    }

    @Test
    void faultThatNobodyNoticesCostsNothing() {
        Outage outage = Outage.of(probes(4_000, 0, 0), FAULT, 4_000 * MS);
        assertThat(outage.isOver()).isTrue();
        assertThat(outage.backNanos()).isZero();
        assertThat(outage.failedProbes()).isZero();
        assertThat(outage.silenceNanos()).isLessThanOrEqualTo(10 * MS);
    }

    @Test
    void silenceIsMeasuredFromTheFaultToTheNextAnswer() {
        Outage outage = Outage.of(probes(4_000, 1_000, 1_400), FAULT, 4_000 * MS);
        assertThat(outage.isOver()).isTrue();
        assertThat(outage.silenceNanos()).isEqualTo(401 * MS);
        assertThat(outage.backNanos()).isEqualTo(401 * MS);
        assertThat(outage.failedProbes()).isEqualTo(40);
    }

    @Test
    void shortRecoveryInBetweenDoesNotEndTheOutage() {
        List<Outage.Probe> probes = probes(5_000, 1_000, 1_400);
        probes.replaceAll(probe -> probe.sentNanos() >= 1_800 * MS && probe.sentNanos() < 2_000 * MS
                ? new Outage.Probe(probe.sentNanos(), probe.sentNanos() + 100 * MS, false)
                : probe);
        Outage outage = Outage.of(probes, FAULT, 5_000 * MS);
        assertThat(outage.backNanos()).isEqualTo(1_001 * MS);
        assertThat(outage.silenceNanos()).isEqualTo(401 * MS);
        assertThat(outage.failedProbes()).isEqualTo(60);
    }

    @Test
    void outageIsNotOverBeforeTwentyGoodBuckets() {
        assertThat(Outage.of(probes(2_300, 1_000, 1_400), FAULT, 2_300 * MS).isOver())
                .isFalse();
    }

    @Test
    void bucketsWithoutAnyProbeAreBad() {
        List<Outage.Probe> probes = probes(4_000, 0, 0);
        probes.removeIf(probe -> probe.sentNanos() >= 1_200 * MS && probe.sentNanos() < 1_500 * MS);
        Outage outage = Outage.of(probes, FAULT, 4_000 * MS);
        assertThat(outage.backNanos()).isEqualTo(501 * MS);
    }

    @Test
    void silenceLastsUntilNowIfNothingAnswers() {
        Outage outage = Outage.of(probes(3_000, 1_000, 3_000), FAULT, 3_000 * MS);
        assertThat(outage.isOver()).isFalse();
        assertThat(outage.silenceNanos()).isEqualTo(2_000 * MS);
    }
}
