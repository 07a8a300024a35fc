package io.axolotl.jepsen.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final long MINUTE = 60_000;
    private static final List<Fault> ALL =
            Faults.names().stream().map(Faults::named).toList();

    private static Schedule schedule(long seed, String... asked) {
        return Schedule.of(List.of(asked), ALL, 10 * MINUTE, seed, Schedule.Pace.CALM);
    }

    @Test
    @DisplayName("the same seed gives the same schedule, another seed another one")
    void followsFromTheSeed() {
        assertThat(schedule(7, "mix", "halves")).isEqualTo(schedule(7, "mix", "halves"));
        assertThat(schedule(7, "mix")).isNotEqualTo(schedule(8, "mix"));
    }

    @Test
    @DisplayName("one more stream leaves the others as they are")
    void streamsAreIndependent() {
        assertThat(schedule(7, "pause", "halves").streams().get(0))
                .isEqualTo(schedule(7, "pause").streams().get(0));
    }

    @Test
    @DisplayName("within a stream one fault is over before the next comes, and all are over in time")
    void faultsOfAStreamDoNotOverlap() {
        for (List<Schedule.Step> stream : schedule(3, "mix", "leader-kill").streams()) {
            assertThat(stream).hasSizeGreaterThan(20);
            long free = 0;
            for (Schedule.Step step : stream) {
                Fault fault = Faults.named(step.fault());
                assertThat(step.holdMillis()).isBetween(fault.leastHoldMillis(), fault.mostHoldMillis());
                assertThat(step.atMillis()).isGreaterThanOrEqualTo(free);
                free = step.atMillis() + step.holdMillis() + 3_000;
                assertThat(step.atMillis() + step.holdMillis()).isLessThanOrEqualTo(10 * MINUTE);
            }
        }
    }

    @Test
    @DisplayName("mix is two streams in which every fault comes sooner or later")
    void mixHasThemAll() {
        Schedule mix = Schedule.of(List.of("mix"), ALL, 300 * MINUTE, 1, Schedule.Pace.CALM);
        assertThat(mix.streams()).hasSize(2);
        for (List<Schedule.Step> stream : mix.streams()) {
            assertThat(stream.stream().map(Schedule.Step::fault).distinct().toList())
                    .containsExactlyInAnyOrderElementsOf(Faults.names());
        }
    }

    @Test
    @DisplayName("what one machine or system cannot play leaves the rest of its schedule as it is elsewhere")
    void theSameIsDrawnEverywhere() {
        List<Fault> fewer =
                ALL.stream().filter(fault -> !fault.id().startsWith("clock")).toList();
        Schedule there = Schedule.of(List.of("mix"), fewer, 60 * MINUTE, 7, Schedule.Pace.CALM);
        Schedule here = Schedule.of(List.of("mix"), ALL, 60 * MINUTE, 7, Schedule.Pace.CALM);
        for (int stream = 0; stream < 2; stream++) {
            assertThat(there.streams().get(stream))
                    .isEqualTo(here.streams().get(stream).stream()
                            .filter(step -> !step.fault().startsWith("clock"))
                            .toList());
        }
        assertThat(there).isNotEqualTo(here);
    }

    @Test
    @DisplayName("a short run has one fault at least, and a stream whose fault cannot be played is empty")
    void shortAndEmptyOnes() {
        Schedule brief = Schedule.of(List.of("halves"), ALL, 1_000, 5, Schedule.Pace.BRISK);
        assertThat(brief.streams().get(0)).hasSize(1);
        assertThat(brief.streams().get(0).get(0).holdMillis()).isLessThanOrEqualTo(1_000);
        Schedule none =
                Schedule.of(List.of("halves", "pause"), List.of(Faults.named("pause")), MINUTE, 5, Schedule.Pace.CALM);
        assertThat(none.streams().get(0)).isEmpty();
        assertThat(none.streams().get(1)).isNotEmpty();
    }
}
