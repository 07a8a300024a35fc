package io.axolotl.jepsen.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.process.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FaultsTest {
    @Test
    @DisplayName("a fault that this machine, this system or this cluster cannot have is skipped with the reason")
    void whatCannotBeIsSkipped() {
        Map<Ability, String> missing = Map.of(Ability.POWER_CUTS, "no root");
        Faults.Choice choice = Faults.choose(List.of("mix"), Target.ETCD, 3, missing);
        assertThat(choice.skipped())
                .containsEntry("power-cut", "no root")
                .containsEntry("bridge", "it needs 5 nodes")
                .containsEntry("flip-sst", "etcd keeps its state in one file, without tables")
                .doesNotContainKey("leader-kill");
        assertThat(choice.possible()).extracting(Fault::id).contains("leader-kill", "flip-wal");
        assertThat(choice.needs()).contains(Ability.LINKS).doesNotContain(Ability.POWER_CUTS);
        assertThat(choice.possible().size() + choice.skipped().size())
                .isEqualTo(Faults.names().size());
        assertThat(Faults.choose(List.of("bridge", "flip-sst"), Target.AXOLOTL, 5, Map.of())
                        .skipped())
                .isEmpty();
    }

    @Test
    void anUnknownFaultIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Faults.choose(List.of("mix", "earthquake"), Target.AXOLOTL, 3, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no fault 'earthquake'")
                .hasMessageContaining("mix, leader-kill");
    }
}
