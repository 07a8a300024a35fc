package io.axolotl.jepsen.chaos.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.jepsen.chaos.Probe;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.process.Await;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The prober asks on time whatever the servers do, and counts every probe that was due. */
class ProberTest {
    private static final Duration ENOUGH = Duration.ofSeconds(20);
    private static final long BOUND_NANOS = Prober.Rhythm.DEFAULT.bound().toNanos();

    /** For tests that need answers, on a machine that has other things to do. */
    private static final Prober.Rhythm PATIENT = new Prober.Rhythm(Duration.ofMillis(10), Duration.ofSeconds(1), 1_000);

    private static Target target(StallingMember... servers) {
        return new Target("fake", Stream.of(servers).map(StallingMember::url).toList());
    }

    private static List<Probe> of(List<Probe> probes, int member, String kind) {
        return probes.stream()
                .filter(probe -> probe.member() == member && probe.kind().equals(kind))
                .toList();
    }

    /** Of every stream a write and a read each period, on the schedule; what is missing could not be sent in time, and was counted. */
    private static void assertComplete(List<Probe> probes, int members, Prober.Rhythm rhythm, Prober prober) {
        long period = rhythm.period().toNanos();
        long missing = 0;
        for (int member = -1; member < members; member++) {
            for (String kind : List.of("write", "read")) {
                List<Probe> stream = of(probes, member, kind);
                assertThat(stream).isNotEmpty();
                for (int i = 1; i < stream.size(); i++) {
                    long between = stream.get(i).sentNanos() - stream.get(i - 1).sentNanos();
                    assertThat(between).isPositive();
                    assertThat(between % period).isZero();
                    missing += between / period - 1;
                }
            }
        }
        assertThat(missing).isLessThanOrEqualTo(prober.notSent());
        assertThat(probes).allMatch(probe -> probe.member() < members).hasSize((int) prober.sent());
    }

    private static void awaitProbes(StallingMember server, int writes) {
        Await.fact(writes + " writes", ENOUGH, () -> server.puts.size() >= writes);
    }

    /** Until all is loaded and compiled, a process that has just begun takes longer than any bound. */
    private static void awaitService(Prober prober) {
        long before = prober.answered();
        Await.fact("answers in time", ENOUGH, () -> prober.answered() > before + 100);
    }

    @Test
    void everyStreamWritesItsOwnKeyAndReadsItBack() {
        try (StallingMember one = new StallingMember();
                StallingMember two = new StallingMember();
                Prober prober = Prober.start(target(one, two), System.nanoTime(), PATIENT)) {
            awaitService(prober);
            List<Probe> probes = prober.stop();
            assertComplete(probes, 2, PATIENT, prober);
            long boundNanos = PATIENT.bound().toNanos();
            assertThat(probes).allMatch(probe -> probe.ok() == (probe.tookNanos() < boundNanos));
            assertThat(probes.stream().filter(Probe::ok).count()).isEqualTo(prober.answered());
            assertThat(one.puts.stream().map(put -> put.getKey().toStringUtf8()))
                    .contains("chaos/probe/n1")
                    .doesNotContain("chaos/probe/n2");
            assertThat(two.ranges).isNotEmpty().allMatch(range -> !range.getSerializable());
        }
    }

    @Test
    void memberThatStallsIsStillAskedOnTimeAndTheClientThatMayChooseLeavesIt() {
        try (StallingMember one = new StallingMember();
                StallingMember two = new StallingMember();
                Prober prober = Prober.start(target(one, two), 0, PATIENT)) {
            awaitService(prober);
            one.isStalled = true;
            long stalled = System.nanoTime();
            Await.fact("a second", ENOUGH, () -> System.nanoTime() - stalled > 1_000_000_000);
            awaitService(prober);
            List<Probe> probes = prober.stop();
            assertComplete(probes, 2, PATIENT, prober);
            List<Probe> since =
                    probes.stream().filter(probe -> probe.sentNanos() > stalled).toList();
            assertThat(of(since, 0, "write"))
                    .as("far more than a loop that waits for answers would send")
                    .hasSizeGreaterThan(30)
                    .noneMatch(Probe::ok);
            assertThat(of(since, 1, "write")).anyMatch(Probe::ok);
            assertThat(of(since, -1, "write")).anyMatch(Probe::ok);
        }
    }

    @Test
    void serviceIsSteadyOnceEverybodyIsServedForASecondAndNotWhileOneStalls() {
        try (StallingMember one = new StallingMember();
                StallingMember two = new StallingMember();
                Prober prober = Prober.start(target(one, two), 0)) {
            assertThat(prober.isSteady()).as("nothing has been asked").isFalse();
            Await.fact("steady service", ENOUGH, prober::isSteady);
            two.isStalled = true;
            Await.fact("one that stalls is noticed", ENOUGH, () -> !prober.isSteady());
        }
    }

    @Test
    void memberThatIsNotThereFailsEveryProbe() {
        Target nobody = new Target("fake", List.of("http://127.0.0.1:" + LoopbackPorts.free()));
        long start = System.nanoTime();
        try (Prober prober = Prober.start(nobody, start)) {
            Await.fact("some turns", ENOUGH, () -> System.nanoTime() - start > 3 * BOUND_NANOS);
            List<Probe> probes = prober.stop();
            assertComplete(probes, 1, Prober.Rhythm.DEFAULT, prober);
            assertThat(probes).noneMatch(Probe::ok);
            assertThat(of(probes, 0, "write").size()).isGreaterThan(10);
        }
    }

    /** On the schedule, and some are missing. */
    private static void assertGaps(List<Probe> probes, Prober.Rhythm rhythm) {
        List<Probe> writes = of(probes, 0, "write");
        long period = rhythm.period().toNanos();
        boolean hasGap = false;
        for (int i = 1; i < writes.size(); i++) {
            long between = writes.get(i).sentNanos() - writes.get(i - 1).sentNanos();
            assertThat(between % period).isZero();
            hasGap |= between > period;
        }
        assertThat(hasGap).isTrue();
    }

    @Test
    void probesThatCannotBeSentAreLeftOutAndCounted() {
        Prober.Rhythm narrow = new Prober.Rhythm(Duration.ofMillis(2), Duration.ofMillis(100), 4);
        try (StallingMember stalled = new StallingMember()) {
            stalled.isStalled = true;
            try (Prober prober = Prober.start(target(stalled), System.nanoTime(), narrow)) {
                Await.fact("probes that are not sent", ENOUGH, () -> prober.notSent() > 50);
                Await.fact("some that were sent after that", ENOUGH, () -> prober.sent() > 40);
                List<Probe> probes = prober.stop();
                assertGaps(probes, narrow);
                assertThat(probes).noneMatch(Probe::ok).hasSize((int) prober.sent());
            }
        }
    }

    @Test
    void probesThatAreDueTooLongAgoSayNothing() {
        Prober.Rhythm hopeless = new Prober.Rhythm(Duration.ofMillis(2), Duration.ofNanos(1), 48);
        try (StallingMember server = new StallingMember();
                Prober prober = Prober.start(target(server), System.nanoTime(), hopeless)) {
            Await.fact("probes that are not sent", ENOUGH, () -> prober.notSent() > 20);
            assertThat(prober.stop()).isEmpty();
            assertThat(server.puts).isEmpty();
        }
    }

    @Test
    void stopsAreFinal() {
        try (StallingMember server = new StallingMember();
                Prober prober = Prober.start(target(server), System.nanoTime())) {
            awaitProbes(server, 5);
            List<Probe> probes = prober.stop();
            assertThat(prober.stop()).isEqualTo(probes);
        }
    }

    @Test
    void addressesThatCannotBeProbedAreRefused() {
        assertThatThrownBy(() -> Prober.start(new Target("axolotl", List.of()), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no member of axolotl to probe");
        assertThatThrownBy(() -> Prober.start(new Target("axolotl", List.of("https://127.0.0.1:2379")), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("clear text alone");
        assertThatThrownBy(() -> Prober.start(new Target("axolotl", List.of("n1")), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not host:port");
    }

    @Test
    void choiceStaysUntilAnotherHasAnsweredAndItsOwnHasNot() {
        Choice choice = new Choice(3, 10, 0);
        choice.answered(1, 30);
        assertThat(choice.next()).as("as patient as three periods").isZero();
        choice.answered(1, 31);
        assertThat(choice.next()).isEqualTo(1);
        choice.answered(0, 40);
        assertThat(choice.next())
                .as("it does not go back for a newer answer alone")
                .isEqualTo(1);
        choice.answered(2, 100);
        assertThat(choice.next()).isEqualTo(2);
    }
}
