package io.axolotl.jepsen.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bad input to workloads. */
class WorkloadsTest {
    @Test
    void aTargetThatIsNotThereIsNamedBeforeAnythingIsStarted() {
        Target nobody = new Target("axolotl", List.of("http://127.0.0.1:" + LoopbackPorts.free()));
        try (History history = History.inMemory(System.nanoTime())) {
            assertThatThrownBy(() -> Workloads.named("register").start(nobody, history, 1, 10))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not serve")
                    .hasMessageContaining(nobody.clientUrls().get(0));
            assertThat(history.calls()).isEmpty();
        }
    }

    @Test
    void aRateThatIsNoneIsRefused() {
        Target nobody = new Target("axolotl", List.of("http://127.0.0.1:1"));
        try (History history = History.inMemory(System.nanoTime())) {
            assertThatThrownBy(() -> Workloads.named("register").start(nobody, history, 1, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the rate is 0.0");
        }
    }

    @Test
    void anEmptyHistoryIsNeverValid() {
        for (String name : Workloads.names()) {
            assertThat(Workloads.named(name).judge(List.of()))
                    .as(name)
                    .isNotEmpty()
                    .allMatch(verdict -> verdict.kind() == Verdict.Kind.VOID);
        }
    }

    @Test
    void aWorkloadThatIsNotThereIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> Workloads.named("nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing")
                .hasMessageContaining("register, set, append");
    }
}
