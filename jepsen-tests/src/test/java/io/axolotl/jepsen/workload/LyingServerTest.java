package io.axolotl.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The judges of the process tests see a liar on the wire: a server that acknowledges every write and keeps none, beside an honest
 * one. A judge that never saw a crime proves nothing (faults.md part 5).
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LyingServerTest {
    private static final Duration BOUND = Duration.ofMinutes(1);

    @Test
    @DisplayName("I4, I5: writes that a member acknowledged and lost are counted, and so are its stale reads")
    void lostWritesAndStaleReadsOfALiarAreSeen() {
        try (ProcessCluster honest = ProcessCluster.of(Target.chosen()).size(1).build();
                ProcessCluster lying = ProcessCluster.of(Target.FLOOR).size(1).build();
                MemberLoad load = MemberLoad.start("liar/", 2, MemberLoad.PERIOD)) {
            honest.start(BOUND);
            ServerProcess liar = lying.nodes().get(0);
            liar.start();
            liar.awaitPort(BOUND);
            load.add("honest", honest.nodes().get(0).clientUrl());
            load.add("liar", liar.clientUrl());
            for (String member : List.of("honest", "liar")) {
                Await.fact(
                        "50 writes through the " + member + " one",
                        BOUND,
                        () -> load.timeline().view().steadyWrites(List.of(member), Long.MIN_VALUE, Long.MAX_VALUE)
                                >= 50);
            }
            load.stop();
            long byLiar = load.timeline().view().writes(List.of("liar"));
            try (AxolotlClient client = honest.client()) {
                Audit audit = load.audit(client);
                assertThat(audit.isClean()).isFalse();
                assertThat(audit.lost()).isEqualTo(byLiar);
                assertThat(audit.found()).isEqualTo(audit.acknowledged() - byLiar);
                assertThat(audit.examples()).anyMatch(example -> example.contains("was acknowledged and is lost"));
            }
            assertThat(load.staleReads()).isPositive();
            assertThat(load.staleExamples()).isNotEmpty();
        }
    }
}
