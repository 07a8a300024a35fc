package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A run of 30 s whose fault is there from 10 s to 20 s, of 10 calls a second. */
class RatesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final double OFFERED = 10;
    private static final Rates RATES = new Rates(0, 20 * SECOND, 30 * SECOND);

    private final List<Call> calls = new ArrayList<>();
    private double share = 0.5;

    private void calls(int fromSeconds, int toSeconds, double perSecond, Outcome outcome) {
        for (int i = 0; i < (toSeconds - fromSeconds) * perSecond; i++) {
            long at = fromSeconds * SECOND + (long) (i * SECOND / perSecond);
            calls.add(new Call(calls.size(), 0, 0, "put", new JsonObject(), new JsonObject(), outcome, "", at, at + 1));
        }
    }

    private Verdict judge(String fault) {
        return RATES.judge(
                calls, List.of(new FaultWindow(fault, List.of(), "all", "", 10 * SECOND, 20 * SECOND)), OFFERED, share);
    }

    @Test
    void enoughTrafficAllTheTimeIsValid() {
        calls(0, 30, OFFERED, Outcome.DONE);
        assertThat(judge("leader-kill").kind()).isEqualTo(Verdict.Kind.VALID);
    }

    @Test
    @DisplayName("a run without traffic before, during or after the fault is void, and says when")
    void tooLittleIsVoid() {
        calls(10, 30, OFFERED, Outcome.DONE);
        assertThat(judge("leader-kill").kind()).isEqualTo(Verdict.Kind.VOID);
        assertThat(judge("leader-kill").evidence()).singleElement().asString().contains("before the faults 0.0");
        calls.clear();
        calls(0, 10, OFFERED, Outcome.DONE);
        calls(20, 30, OFFERED, Outcome.DONE);
        assertThat(judge("leader-kill").evidence()).singleElement().asString().contains("during the faults 0.0");
        calls.clear();
        calls(0, 20, OFFERED, Outcome.DONE);
        calls(20, 30, 2, Outcome.DONE);
        assertThat(judge("leader-kill").evidence()).singleElement().asString().contains("after the faults 2.0");
    }

    @Test
    @DisplayName("a fault that leaves no majority asks for no traffic while it is there")
    void noTrafficIsAskedForWithoutAMajority() {
        calls(0, 10, OFFERED, Outcome.DONE);
        calls(20, 30, OFFERED, Outcome.DONE);
        assertThat(judge("no-majority").kind()).isEqualTo(Verdict.Kind.VALID);
    }

    @Test
    @DisplayName("what is answered between two faults says nothing about what is answered while they are there")
    void theRestsBetweenFaultsDoNotCount() {
        calls(0, 12, OFFERED, Outcome.DONE);
        calls(14, 16, OFFERED, Outcome.DONE);
        calls(18, 30, OFFERED, Outcome.DONE);
        List<FaultWindow> two = List.of(
                new FaultWindow("leader-kill", List.of(), "n1", "", 12 * SECOND, 14 * SECOND),
                new FaultWindow("leader-kill", List.of(), "n2", "", 16 * SECOND, 18 * SECOND));
        Verdict verdict = RATES.judge(calls, two, OFFERED, share);
        assertThat(verdict.evidence()).singleElement().asString().contains("during the faults 0.0");
    }

    @Test
    @DisplayName("before the faults as much is asked for as the workload says that it reaches")
    void aWorkloadThatWaitsIsMeasuredByWhatItReaches() {
        calls(0, 30, 2, Outcome.DONE);
        assertThat(judge("leader-kill").evidence())
                .anyMatch(line -> line.contains("2.0 calls a second were answered, 5.0"));
        share = 0.15;
        assertThat(judge("leader-kill").kind()).isEqualTo(Verdict.Kind.VALID);
        calls.clear();
        calls(0, 30, 1, Outcome.DONE);
        assertThat(judge("leader-kill").kind()).isEqualTo(Verdict.Kind.VOID);
    }

    @Test
    void callsThatWereNotAnsweredAreNoTraffic() {
        calls(0, 30, OFFERED, Outcome.UNKNOWN);
        calls(0, 30, OFFERED, Outcome.REFUSED);
        assertThat(judge("leader-kill").evidence()).hasSize(3);
    }

    @Test
    void aRunWithoutAFaultIsVoid() {
        calls(0, 30, OFFERED, Outcome.DONE);
        assertThat(RATES.judge(calls, List.of(), OFFERED, share).kind()).isEqualTo(Verdict.Kind.VOID);
    }

    @Test
    @DisplayName("a machine that has no time for the program makes a run void")
    void aMachineWithoutTimeMakesARunVoid() {
        assertThat(MachineWatch.judge(SECOND, 30 * SECOND).kind()).isEqualTo(Verdict.Kind.VALID);
        assertThat(MachineWatch.judge(2 * SECOND, 30 * SECOND).kind()).isEqualTo(Verdict.Kind.VOID);
    }
}
