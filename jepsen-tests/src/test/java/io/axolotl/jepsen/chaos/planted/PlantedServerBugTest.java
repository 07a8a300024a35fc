package io.axolotl.jepsen.chaos.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.workload.Workloads;
import io.axolotl.jepsen.process.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlantedServerBugTest {
    /** Of those that are asked of every run, the one that a bug may have to be caught by. */
    private static final String PROCESSES = "processes";

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "every bug names a workload, faults that leave members to come back, and a judge of that workload, or of every run")
    void namesWhatMustCatchIt(PlantedServerBug bug) {
        PlantedServerBug.Catch caught = bug.caught();
        List<String> judges = new ArrayList<>(Workloads.named(caught.workload()).judge(List.of()).stream()
                .map(Verdict::judge)
                .toList());
        judges.add(PROCESSES);
        assertThat(judges).contains(caught.judge());
        assertThat(caught.nemesis()).isNotEmpty().isSubsetOf(Faults.names());
        assertThat(PlantedServerBug.named(bug.id())).isSameAs(bug);
    }

    @Test
    @DisplayName("there are more than ten, of each kind that was asked for, and no workload has to catch most of them")
    void thereAreEnoughOfAllKinds() {
        Set<String> sentences = new HashSet<>();
        Set<String> workloads = new HashSet<>();
        for (PlantedServerBug bug : PlantedServerBug.values()) {
            sentences.add(bug.sentence());
            workloads.add(bug.caught().workload());
        }
        assertThat(sentences).hasSameSizeAs(PlantedServerBug.values()).hasSizeGreaterThan(10);
        assertThat(workloads).hasSizeGreaterThanOrEqualTo(7);
        assertThat(Arrays.stream(PlantedServerBug.values()).map(PlantedServerBug::id))
                .contains(
                        "no-sync",
                        "stale-read",
                        "lost-sessions",
                        "watch-skips",
                        "lease-ends-early",
                        "ack-before-quorum");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("what is planted in our classes cannot be planted in etcd, what is planted below the process can")
    void etcdIsGivenNoneOfOurClasses(PlantedServerBug bug) {
        assertThat(bug.main().isEmpty())
                .as("runs the program itself")
                .isEqualTo(!bug.wrapper().isEmpty())
                .isEqualTo(bug == PlantedServerBug.NO_SYNC);
        if (bug == PlantedServerBug.NO_SYNC) {
            assertThat(bug.obstacle(Target.ETCD)).isEqualTo(bug.obstacle(Target.AXOLOTL));
        } else {
            assertThat(bug.main()).containsExactly(PlantedServerMain.class.getName(), bug.id());
            assertThat(bug.obstacle(Target.AXOLOTL)).isEmpty();
            assertThat(bug.obstacle(Target.ETCD)).isPresent();
        }
    }

    @Test
    void whatIsNotThereIsNamedWithWhatIs() {
        assertThatThrownBy(() -> PlantedServerBug.named("earthquake"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("earthquake", "stale-read", "no-sync");
    }
}
