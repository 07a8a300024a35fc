package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.nemesis.Schedule;
import io.axolotl.jepsen.chaos.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProfileTest {
    private static final List<Profile.Pair> LONG = Profile.LONG.pairs(3);

    @Test
    @DisplayName("the long profile plays every fault by name, once with every workload, and all of them together")
    void everyFaultIsInAGroup() {
        List<String> expected = new ArrayList<>(Faults.names());
        expected.add(Schedule.MIX);
        for (String workload : Workloads.names()) {
            assertThat(LONG.stream()
                            .filter(pair -> pair.workload().equals(workload))
                            .flatMap(pair -> pair.nemesis().stream()))
                    .as(workload)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    @DisplayName(
            "a pair keeps its place in the long profile, and so its seed: what is new comes after all that was there")
    void pairsKeepTheirPlaces() {
        int groups = 14;
        int workloads = Workloads.names().size();
        for (int i = 0; i < workloads; i++) {
            String workload = Workloads.names().get(i);
            assertThat(LONG.get(i * groups))
                    .isEqualTo(new Profile.Pair(workload, List.of("leader-kill", "random-kill")));
            assertThat(LONG.get(i * groups + groups - 1)).isEqualTo(new Profile.Pair(workload, List.of(Schedule.MIX)));
        }
        int later = workloads * (groups + 2);
        assertThat(LONG.subList(workloads * groups, later))
                .extracting(Profile.Pair::nemesis)
                .containsOnly(
                        List.of("dead-disk", "lost-file"), List.of("client-cut", "pause-majority", "clock-strobe"));
        assertThat(LONG.subList(later, LONG.size()))
                .extracting(Profile.Pair::nemesis)
                .containsOnly(List.of("narrow-disk"));
    }

    @Test
    void theShortProfilePlaysWhatIsThere() {
        assertThat(Profile.SHORT.pairs(3)).allSatisfy(pair -> {
            assertThat(Workloads.names()).contains(pair.workload());
            assertThat(Faults.names()).containsAll(pair.nemesis());
        });
    }
}
