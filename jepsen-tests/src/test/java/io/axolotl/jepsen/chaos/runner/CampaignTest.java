package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.jepsen.process.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CampaignTest {
    @TempDir
    private Path folder;

    private final List<Long> played = new ArrayList<>();

    private List<RunPlan> plans(long count) {
        List<RunPlan> plans = new ArrayList<>();
        for (long seed = 1; seed <= count; seed++) {
            plans.add(new RunPlan(
                    Target.AXOLOTL,
                    3,
                    "register",
                    List.of("leader-kill"),
                    1,
                    seed,
                    150,
                    folder.resolve("run-" + seed),
                    true,
                    false,
                    Optional.empty()));
        }
        return plans;
    }

    @Test
    @DisplayName("no run begins when the time is up, but one is always made")
    void runsEndWithTheTime() {
        Campaign campaign = new Campaign(plans(5), Map.of(), folder, () -> played.size() >= 2);
        assertThat(campaign.play((plan, choice) -> played(plan, ExitCodes.VALID)))
                .isEqualTo(ExitCodes.VALID);
        assertThat(played).containsExactly(1L, 2L);
        played.clear();
        new Campaign(plans(5), Map.of(), folder, () -> true).play((plan, choice) -> played(plan, ExitCodes.VALID));
        assertThat(played).containsExactly(1L);
    }

    @Test
    @DisplayName("a violation outweighs a run that could not be made, and that one a run that shows nothing")
    void theWorstIsTold() {
        List<Integer> codes = List.of(ExitCodes.VALID, ExitCodes.VOID, ExitCodes.FAILED, ExitCodes.VIOLATED);
        List<Integer> told = new ArrayList<>();
        for (int count = 1; count <= codes.size(); count++) {
            played.clear();
            told.add(new Campaign(plans(count), Map.of(), folder, () -> false)
                    .play((plan, choice) -> played(plan, codes.get(played.size()))));
        }
        assertThat(told).isEqualTo(codes);
    }

    @Test
    @DisplayName("a report of another kind in the folder is refused before anything is played")
    void aForeignReportIsRefused() throws Exception {
        Files.writeString(Files.createDirectory(folder.resolve("x")).resolve("report.json"), "{}");
        assertThatThrownBy(() -> new Campaign(plans(1), Map.of(), folder, () -> false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("report.json");
    }

    private int played(RunPlan plan, int exitCode) {
        played.add(plan.seed());
        return exitCode;
    }
}
