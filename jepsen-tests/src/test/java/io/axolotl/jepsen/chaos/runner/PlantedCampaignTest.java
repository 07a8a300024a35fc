package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Row;
import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.chaos.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who is said to have caught a bug, and when. */
class PlantedCampaignTest {
    private static final long SECOND = 1_000_000_000;
    private static final long ASKED = 44 * SECOND;
    private static final String JUDGE = "linearizable keys";

    private final List<Call> calls = new ArrayList<>();

    private void add(String kind, Ask ask, JsonObject output, long fromSeconds, long toSeconds) {
        calls.add(new Call(
                calls.size(),
                calls.size(),
                -1,
                kind,
                ask.toJson(),
                output,
                Outcome.DONE,
                "",
                fromSeconds * SECOND,
                toSeconds * SECOND));
    }

    private void put(String value, long revision, long from, long to) {
        add("put", Ask.of(Action.put("k", value)), answer(revision), from, to);
    }

    private static JsonObject answer(long revision, Row... rows) {
        return new Answer(revision, true, List.of(new Answer.Result(0, List.of(rows)))).toJson();
    }

    /** A read that knows nothing of the put before it, {@code offset} seconds after the start, among calls that are well. */
    private void staleReadAt(long offset) {
        put("v1", 2, 1, 2);
        add("read", Ask.of(Action.read("k")), answer(2, new Row("k", 2, 2, 1, "v1")), 3, 4);
        put("v2", 3, 5, offset + 30);
        add("read", Ask.of(Action.read("k")), answer(1), offset - 1, offset);
        add("read", Ask.of(Action.read("k")), answer(3, new Row("k", 2, 3, 2, "v2")), offset + 31, offset + 32);
    }

    private List<Verdict> verdicts() {
        return Workloads.named("register").judge(calls);
    }

    @Test
    @DisplayName("a judge would have seen it when the call that shows it had ended, and not before")
    void firstSight() {
        staleReadAt(20);
        assertThat(FirstSight.nanos(Workloads.named("register"), JUDGE, calls)).isEqualTo(20 * SECOND);
    }

    @Test
    @DisplayName("of a call that has not ended yet nothing is known, and what had not begun is not there")
    void whatWasKnownThen() {
        staleReadAt(20);
        List<Call> known = FirstSight.until(20 * SECOND, calls);
        assertThat(known)
                .extracting(Call::outcome)
                .containsExactly(Outcome.DONE, Outcome.DONE, Outcome.UNKNOWN, Outcome.DONE);
        assertThat(known.get(2).output().size()).isZero();
        assertThat(FirstSight.until(100 * SECOND, calls)).isEqualTo(calls);
    }

    @Test
    @DisplayName("a bug is caught when the judge that has to sees it, and in time")
    void caught() {
        staleReadAt(20);
        PlantedCampaign.Found found = PlantedCampaign.Found.of(PlantedServerBug.STALE_READ, verdicts(), calls, ASKED);
        assertThat(found.exitCode()).isEqualTo(ExitCodes.VALID);
        assertThat(found.seenNanos()).contains(20 * SECOND);
        assertThat(PlantedCampaign.table(List.of(found)))
                .contains("stale-read", "register x halves", JUDGE, "20.0 s", "revisions in real time");
    }

    @Test
    void caughtTooLateIsNotCaught() {
        staleReadAt(PlantedServerBug.WITHIN_SECONDS + 1);
        PlantedCampaign.Found found = PlantedCampaign.Found.of(PlantedServerBug.STALE_READ, verdicts(), calls, ASKED);
        assertThat(found.exitCode()).isEqualTo(ExitCodes.VIOLATED);
        assertThat(found.by()).isEqualTo(JUDGE + ", too late");
    }

    @Test
    @DisplayName("what another judge sees is told, and does not count")
    void seenByAnotherIsNotCaught() {
        put("v1", 2, 1, 2);
        List<Verdict> verdicts = new ArrayList<>(verdicts());
        verdicts.add(new Verdict("processes", Verdict.Kind.VIOLATED, "one ended", List.of()));
        PlantedCampaign.Found found = PlantedCampaign.Found.of(PlantedServerBug.STALE_READ, verdicts, calls, ASKED);
        assertThat(found.exitCode()).isEqualTo(ExitCodes.VIOLATED);
        assertThat(found.by()).isEqualTo("not caught");
        assertThat(found.also()).containsExactly("processes");
    }

    @Test
    @DisplayName("a run that was not as it should be does not call a judge blind")
    void whatShowsNothingIsUndecided() {
        put("v1", 2, 1, 2);
        List<Verdict> verdicts = new ArrayList<>(verdicts());
        verdicts.add(new Verdict("faults felt", Verdict.Kind.UNDECIDED, "one was not", List.of("halves")));
        PlantedCampaign.Found found = PlantedCampaign.Found.of(PlantedServerBug.STALE_READ, verdicts, calls, ASKED);
        assertThat(found.exitCode()).isEqualTo(ExitCodes.VOID);
        assertThat(found.by()).isEqualTo("undecided");
    }

    @Test
    @DisplayName("who asks the living cluster sees it when it is asked")
    void seenWhenAsked() {
        put("v1", 2, 1, 2);
        List<Verdict> verdicts = new ArrayList<>(verdicts());
        verdicts.add(new Verdict("processes", Verdict.Kind.VIOLATED, "nobody can start", List.of()));
        PlantedCampaign.Found found = PlantedCampaign.Found.of(PlantedServerBug.NO_SYNC, verdicts, calls, ASKED);
        assertThat(found.exitCode()).isEqualTo(ExitCodes.VALID);
        assertThat(found.seenNanos()).contains(ASKED);
    }
}
