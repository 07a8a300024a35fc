package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.runner.FaultCoverage.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FaultCoverageTest {
    private static final Path HOME = Path.of("..");

    private static final TestTiers TIERS = new TestTiers(Map.of(
            "UnitTest", Set.of(Tier.U),
            "WorldTest", Set.of(Tier.S),
            "ServersTest", Set.of(Tier.J),
            "a-story", Set.of(Tier.S),
            "Fault.SPLIT", Set.of(Tier.S)));

    private static FaultCoverage coverage(String... rows) {
        return FaultCoverage.of("| Fault | Tests | Tiers |\n|---|---|---|\n" + String.join("\n", rows) + "\n", TIERS);
    }

    private static FaultCoverage committed() throws IOException {
        return FaultCoverage.of(Files.readString(HOME.resolve("docs").resolve("testing.md")), TestTiers.of(HOME));
    }

    @Test
    @DisplayName(
            "an entry is tested at a tier if its row names a test of that tier, or has a reason for it in the last column")
    void rowsAreReadAsTheyAreWritten() {
        FaultCoverage coverage = coverage(
                "| N1 | `a-story`, `ServersTest.method` (why) | S J |",
                "| N2 | `WorldTest` (`Fault.SPLIT`) | S J. No J: nobody has the time |",
                "| N3 | `UnitTest`, `WorldTest` | U S J |",
                "| N4 | `UnitTest` | S J. No S, J: for a reason |",
                "| N5 | `UnitTest` | S J. No S: one. No J: another |",
                "| D21, D22 | `UnitTest` | – |",
                "| M9 | no test: there is one store, see `UnitTest` | J |",
                "| AU-1 | `UnitTest` |",
                "| N17 | `UnitTest` | U |");
        assertThat(coverage.in(Tier.S, State.TESTED)).containsExactly("N1", "N2", "N3");
        assertThat(coverage.in(Tier.S, State.REASONED)).containsExactly("N4", "N5");
        assertThat(coverage.in(Tier.J, State.TESTED)).containsExactly("N1");
        assertThat(coverage.in(Tier.J, State.REASONED)).containsExactly("N2", "N4", "N5", "M9");
        assertThat(coverage.in(Tier.J, State.MISSING)).containsExactly("N3");
        assertThat(coverage.in(Tier.U, State.TESTED)).containsExactly("N3");
        assertThat(coverage.unknown()).isEmpty();
        assertThat(coverage.notWhole()).hasSize(Catalogue.ids().size() - 7).contains("N3");
        assertThat(coverage.describe())
                .containsPattern("N  network +U +1 of +1 \\(100 %\\) +S +3 of +5 \\(60 %\\) +J +1 of +5 \\(20 %\\)")
                .contains("no J, and the reason is written: N2 N4 N5 M9\n")
                .contains("neither J nor a reason: N3\n")
                .contains("no tier of its own in the catalogue: D21 D22\n");
    }

    @Test
    @DisplayName(
            "a fault of chaos stands for an entry only if it says so, a workload for any, and what is not there for none")
    void whatIsNamedMustBeThere() {
        FaultCoverage coverage = coverage(
                "| N3 | `chaos halves` | J |",
                "| N4 | `chaos halves` | J |",
                "| A5 | `chaos watch` | J |",
                "| P1 | `NoSuchTest`, `no-such-story`, `Fault.EARTHQUAKE`, `chaos earthquake` | J |");
        assertThat(coverage.in(Tier.J, State.TESTED)).containsExactly("N3", "A5");
        assertThat(coverage.unknown())
                .containsExactly(
                        "N4: chaos halves",
                        "P1: NoSuchTest",
                        "P1: no-such-story",
                        "P1: Fault.EARTHQUAKE",
                        "P1: chaos earthquake");
        assertThat(coverage.isWhole()).isFalse();
    }

    @Test
    @DisplayName(
            "every entry of the catalogue has, at every tier that it asks for, a test that is there or a written reason")
    void everyEntryHasATestOrAReason() throws IOException {
        FaultCoverage coverage = committed();
        assertThat(coverage.isWhole()).as(coverage.describe()).isTrue();
    }

    @Test
    @DisplayName("the map asks for the tiers of the catalogue, and gives no reason where there is a test")
    void theMapKeepsToItsOwnRules() throws IOException {
        FaultCoverage coverage = committed();
        // As many as in the catalogue: a tier that is dropped from a row would need neither test nor reason.
        assertThat(asked(coverage, Tier.U)).isEqualTo(24);
        assertThat(asked(coverage, Tier.S)).isEqualTo(80);
        assertThat(asked(coverage, Tier.J)).isEqualTo(111);
        assertThat(coverage.byId()).allSatisfy((id, entry) -> {
            assertThat(entry.asked().isEmpty())
                    .as("%s has no tier", id)
                    .isEqualTo(List.of("D21", "D22", "M11").contains(id));
            assertThat(Collections.disjoint(entry.tested(), entry.reasoned()))
                    .as("%s: a reason and a test at one tier", id)
                    .isTrue();
        });
    }

    private static long asked(FaultCoverage coverage, Tier tier) {
        return coverage.byId().values().stream()
                .filter(entry -> entry.asked().contains(tier))
                .count();
    }

    @Test
    @DisplayName("what a fault says that it stands for is in the catalogue; one that TCP hides stands for nothing")
    void faultsStandForEntriesOfTheCatalogue() {
        assertThat(Faults.names())
                .allSatisfy(name -> assertThat(Faults.named(name).catalogue()).isSubsetOf(Catalogue.ids()))
                .filteredOn(name -> Faults.named(name).catalogue().isEmpty())
                .containsExactly("doubled-links");
        assertThat(Catalogue.ids()).hasSize(142).doesNotHaveDuplicates();
        assertThat(List.of("N17", "P14", "C4", "O10")).doesNotContainAnyElementsOf(Catalogue.ids());
    }
}
