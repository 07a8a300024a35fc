package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.runner.FaultCoverage.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FaultCoverageTest {
    @Test
    @DisplayName("an entry is tested if its row names a test or a scenario, and has a reason if it names none")
    void rowsAreReadAsTheyAreWritten() {
        FaultCoverage coverage = FaultCoverage.of("""
                | Fault | Tests |
                |---|---|
                | N1 | `FailoverTest`, `a-story` |
                | N4 | `no-majority` |
                | D21, D22 | `HandshakeTest.method` (why) |
                | D24 | shown by `./axolotl failover` alone |
                | M9 | no test: there is one store, see `StoreTest` |
                | AU-1 | `AuthServiceTest` |
                | N17 | `NoEntryTest` |
                """);
        assertThat(coverage.in(State.TESTED)).containsExactly("N1", "N4", "D21", "D22");
        assertThat(coverage.in(State.REASONED)).containsExactly("D24", "M9");
        assertThat(coverage.in(State.MISSING)).hasSize(FaultCoverage.catalogue().size() - 6);
        assertThat(coverage.describe())
                .contains("N  network", "2 of  20 tested (10 %)", "no test, and the reason is written: D24 M9");
    }

    @Test
    @DisplayName("every entry of the catalogue has a test or a written reason")
    void everyEntryHasATestOrAReason() throws IOException {
        FaultCoverage coverage = FaultCoverage.of(Files.readString(Path.of("..", "docs", "testing.md")));
        assertThat(coverage.in(State.MISSING)).isEmpty();
    }

    @Test
    @DisplayName("what a fault says that it stands for is in the catalogue")
    void faultsStandForEntriesOfTheCatalogue() {
        assertThat(Faults.names())
                .allSatisfy(name ->
                        assertThat(Faults.named(name).catalogue()).isNotEmpty().isSubsetOf(FaultCoverage.catalogue()));
        assertThat(FaultCoverage.catalogue()).hasSize(142).doesNotHaveDuplicates();
        assertThat(List.of("N17", "P14", "C4", "O10")).doesNotContainAnyElementsOf(FaultCoverage.catalogue());
    }
}
