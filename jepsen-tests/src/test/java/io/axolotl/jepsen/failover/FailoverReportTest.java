package io.axolotl.jepsen.failover;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.workload.Audit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailoverReportTest {
    private static Repetition repetition(double writeGapMillis, @Nullable Double newLeaderMillis) {
        return new Repetition(
                "n1",
                writeGapMillis,
                writeGapMillis,
                5,
                newLeaderMillis,
                newLeaderMillis,
                null,
                100,
                50,
                null,
                3,
                20.0,
                30.0);
    }

    private static SeriesResult series(List<Repetition> repetitions, long lost, long staleReads) {
        return new SeriesResult(
                new Series.Plan(Target.AXOLOTL, LeaderFault.KILL, 100, 1000, 30, 10, 5),
                repetitions,
                List.of("waited 60 s for three members that serve steadily"),
                new Audit(10, 10 - lost, lost, 0, 0, 0, 0, 0, 12, List.of()),
                staleReads,
                List.of());
    }

    private static FailoverReport report(SeriesResult series) {
        return new FailoverReport(2, "on loopback", List.of(series), List.of("cut off: ip is not installed"));
    }

    @Test
    void cellsHoldMedianNinetiethPercentileAndWorst() {
        List<Repetition> thirty = new ArrayList<>();
        for (int i = 30; i >= 1; i--) {
            thirty.add(repetition(i, i == 1 ? null : (double) i));
        }
        SeriesResult series = series(thirty, 0, 0);
        assertThat(series.spread(Repetition::writeGapMillis)).isEqualTo("15 / 27 / 30");
        assertThat(series.spread(Repetition::newLeaderMillis)).isEqualTo("16 / 28 / 30 (1× never)");
        assertThat(series.spread(Repetition::firstWriteMillis)).isEqualTo("-");
    }

    @Test
    void tableNamesWhatWasSkippedAndWhatDoesNotCount() {
        assertThat(report(series(List.of(repetition(12, 11.0)), 0, 0)).markdown())
                .contains("| kill -9 | 100/1000 | axolotl | 1 | 12 / 12 / 12 | 5 / 5 / 5 | 11 / 11 / 11 | - |")
                .contains("| 0 of 10 | 0 |")
                .contains("Skipped: cut off: ip is not installed")
                .contains("Does not count: kill -9 | 100/1000 | axolotl: waited 60 s for three members");
    }

    @Test
    void lostWriteAndStaleReadAreNotClean() {
        assertThat(report(series(List.of(), 0, 0)).isClean()).isTrue();
        assertThat(report(series(List.of(), 1, 0)).isClean()).isFalse();
        assertThat(report(series(List.of(), 0, 1)).isClean()).isFalse();
    }

    @Test
    void jsonHoldsEveryRepetition(@TempDir Path folder) throws Exception {
        report(series(List.of(repetition(12, null), repetition(13, 11.0)), 0, 0))
                .write(folder);
        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("report.json")))
                .getAsJsonObject();
        JsonObject series = json.getAsJsonArray("series").get(0).getAsJsonObject();
        assertThat(series.getAsJsonArray("repetitions")).hasSize(2);
        assertThat(series.getAsJsonObject("plan").get("fault").getAsString()).isEqualTo("KILL");
        assertThat(folder.resolve("report.md")).isNotEmptyFile();
    }
}
