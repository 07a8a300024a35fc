package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndChecksTest {
    @TempDir
    private Path temp;

    @Test
    @DisplayName("what no process may say is found in its log, and what one may say is not")
    void forbiddenLinesAreFound() throws IOException {
        Path log = Files.writeString(temp.resolve("n1.log"), """
                2026-11-22T11:31:21.719Z INFO  raft           node 1 became follower in term 2 (was leader)
                2026-11-22T11:31:21.719Z WARN  PeerLink       peer 2 cannot be reached: Connection refused
                Exception in thread "axolotl-driver" java.lang.AssertionError
                panic: tocommit(12) is out of range [lastIndex(7)]. Was the raft log corrupted, truncated, or lost?
                java.lang.OutOfMemoryError: Java heap space
                """);
        assertThat(EndChecks.forbidden("n1", log)).hasSize(3).allMatch(line -> line.startsWith("n1: "));
        assertThat(EndChecks.forbidden("n2", temp.resolve("n2.log"))).isEmpty();
    }

    @Test
    void aProcessThatEndedWithoutAReasonIsAViolation() {
        assertThat(EndChecks.processes(List.of()).kind()).isEqualTo(Verdict.Kind.VALID);
        Verdict verdict = EndChecks.processes(List.of("n1 has ended with exit code 70 by itself"));
        assertThat(verdict.isViolated()).isTrue();
        assertThat(verdict.summary()).startsWith("1 process ended");
    }

    @Test
    @DisplayName("I7: members that are equal are no good if one has found itself that it differs")
    void anAlarmOfCorruptionIsAViolation() {
        assertThat(EndChecks.equality(true, 7, List.of("[n1, n2]: 3 keys, []")).kind())
                .isEqualTo(Verdict.Kind.VALID);
        assertThat(EndChecks.equality(false, 7, List.of("[n1]: 3 keys", "[n2]: 2 keys"))
                        .isViolated())
                .isTrue();
        Verdict doubted = EndChecks.equality(true, 7, List.of("[n1, n2]: 3 keys, [memberID:1 alarm:CORRUPT ]"));
        assertThat(doubted.isViolated()).isTrue();
        assertThat(doubted.summary()).startsWith("a member was found to differ");
    }

    @Test
    @DisplayName("I14: a member that holds many more descriptors or threads than before the faults has lost some")
    void whatIsHeldForEverIsAViolation() {
        Resources before = new Resources(Map.of("n1", new Resources.Held(200, 50), "n2", new Resources.Held(200, 50)));
        Resources same = new Resources(Map.of("n1", new Resources.Held(290, 60)));
        assertThat(before.judge(same).kind()).isEqualTo(Verdict.Kind.VALID);
        Resources more = new Resources(Map.of("n1", new Resources.Held(200, 50), "n2", new Resources.Held(201, 150)));
        Verdict verdict = before.judge(more);
        assertThat(verdict.isViolated()).isTrue();
        assertThat(verdict.evidence()).singleElement().asString().startsWith("n2 had 200 descriptors and 50 threads");
        assertThat(before.judge(new Resources(Map.of())).summary()).isEqualTo("nobody could be looked at");
    }

    @Test
    @DisplayName("a fault that could not be undone leaves a run undecided")
    void whatCouldNotBeUndoneIsUndecided() {
        assertThat(EndChecks.nemesis(List.of("pause of n1 could not be undone"), List.of())
                        .kind())
                .isEqualTo(Verdict.Kind.UNDECIDED);
    }

    @Test
    @DisplayName("what the prober could not send says nothing of servers, and if it is much, the run shows nothing")
    void aProberThatIsLateMakesARunVoid() {
        assertThat(EndChecks.probes(0, 0).kind()).isEqualTo(Verdict.Kind.VALID);
        assertThat(EndChecks.probes(5, 95).kind()).isEqualTo(Verdict.Kind.VALID);
        Verdict verdict = EndChecks.probes(6, 94);
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.VOID);
        assertThat(verdict.summary()).startsWith("6 of 100 probes");
    }

    @Test
    @DisplayName("a fault that was asked for and never came makes a run void")
    void whatNeverCameIsVoid() {
        assertThat(EndChecks.nemesis(List.of(), List.of()).kind()).isEqualTo(Verdict.Kind.VALID);
        Verdict verdict = EndChecks.nemesis(List.of(), List.of("halves"));
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.VOID);
        assertThat(verdict.evidence()).containsExactly("halves was asked for and never played");
    }

    @Test
    @DisplayName("nothing that breaks on the way loses what was found before it, or keeps the rest from being asked")
    void whatBreaksLosesNothing() {
        Findings findings = new Findings();
        Verdict lost = new Verdict("liveness", Verdict.Kind.VIOLATED, "n3 is gone", List.of());
        Verdict unused = findings.ask("liveness", () -> lost);
        findings.attempt("last reads", "a last read of every member", Verdict.Kind.VIOLATED, () -> {
            throw new IllegalStateException("n3 does not answer");
        });
        findings.askAll("judges", () -> {
            throw new StringIndexOutOfBoundsException("a value without a slash");
        });
        assertThat(findings.verdicts())
                .extracting(Verdict::kind)
                .containsExactly(Verdict.Kind.VIOLATED, Verdict.Kind.VIOLATED, Verdict.Kind.UNDECIDED);
        assertThat(findings.verdicts().get(2).evidence().get(0)).contains("a value without a slash");
    }

    @Test
    @DisplayName("what came too late on a machine without time is no violation, and anything else is as it was")
    void aMachineWithoutTimeExcuses() {
        Verdict late = new Verdict("liveness", Verdict.Kind.VIOLATED, "late", List.of("n1"));
        assertThat(EndChecks.excused(late).kind()).isEqualTo(Verdict.Kind.UNDECIDED);
        Verdict fine = new Verdict("liveness", Verdict.Kind.VALID, "fine", List.of());
        assertThat(EndChecks.excused(fine)).isEqualTo(fine);
    }
}
