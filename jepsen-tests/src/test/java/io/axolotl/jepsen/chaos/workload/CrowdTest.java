package io.axolotl.jepsen.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.measure.StallingMember;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CrowdTest {
    @Test
    @DisplayName("a member that has no last read keeps nobody from reading the others, and is told of")
    void theOthersAreReadAllTheSame() {
        List<Integer> read = new ArrayList<>();
        Crowd.Play play = new Crowd.Play() {
            @Override
            public void turn(Lane lane, SplittableRandom chance) {}

            @Override
            public void finish(Lane lane, Crowd crowd) {
                if (lane.endpoint() == 0) {
                    throw new IllegalStateException("the first is gone");
                }
                read.add(lane.endpoint());
            }
        };
        try (StallingMember first = new StallingMember();
                StallingMember second = new StallingMember();
                History history = History.inMemory(System.nanoTime());
                Crowd crowd = Crowd.start(
                        new Target("axolotl", List.of(first.url(), second.url())),
                        history,
                        1,
                        1,
                        Crowd.Settings.DEFAULT,
                        play)) {
            crowd.stop();
            assertThatThrownBy(crowd::finish).hasMessage("the first is gone");
            assertThat(read).containsExactly(1);
        }
    }
}
