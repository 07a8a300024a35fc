package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TestTiersTest {
    @Test
    @DisplayName(
            "a test that starts servers as processes stands for them, one of the simulator for it, all others for units")
    void theTierIsToldFromTheTest() {
        assertThat(TestTiers.tiers("jepsen-tests/src/test/x/process/ATest.java", "ProcessCluster cluster;"))
                .containsExactly(Tier.J);
        assertThat(TestTiers.tiers("server/src/test/x/ATest.java", "ServerMain.class.getName()"))
                .containsExactly(Tier.J);
        assertThat(TestTiers.tiers("jepsen-tests/src/test/x/process/BTest.java", "a parser"))
                .containsExactly(Tier.U);
        assertThat(TestTiers.tiers("jepsen-tests/src/test/x/simulation/CTest.java", "a world"))
                .containsExactly(Tier.S);
        assertThat(TestTiers.tiers("raft-core/src/test/resources/scenarios/a-story.scenario", "nodes 3"))
                .containsExactly(Tier.S);
    }

    @Test
    @DisplayName("a unit test whose cluster or disk is run by hand stands for both")
    void whatIsRunByHandIsASimulationToo() {
        assertThat(TestTiers.tiers("raft-core/src/test/x/VoteTest.java", "new ScenarioCluster(3)"))
                .containsExactly(Tier.U, Tier.S);
        assertThat(TestTiers.tiers("raft-core/src/test/java/x/raft/model/ModelTest.java", "states"))
                .containsExactly(Tier.U, Tier.S);
        assertThat(TestTiers.tiers("server/src/test/x/ClusterTest.java", "new TestCluster()"))
                .as("whole servers in the test's own process")
                .containsExactly(Tier.U);
    }

    @Test
    @DisplayName("of the tests that are there: a name that two of different tiers have stands for none")
    void theTestsOfTheProject() {
        TestTiers tiers = TestTiers.of(Path.of(".."));
        assertThat(tiers.of("CrashRecoveryTest")).containsExactly(Tier.J);
        assertThat(tiers.of("SimulationTest")).containsExactly(Tier.S);
        assertThat(tiers.of("Fault.SPLIT")).containsExactly(Tier.S);
        assertThat(tiers.of("no-majority")).containsExactly(Tier.S);
        assertThat(tiers.of("VoteTest")).containsExactlyInAnyOrder(Tier.U, Tier.S);
        assertThat(tiers.of("DataFolderTest")).isEmpty();
    }
}
