package io.axolotl.jepsen.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.jepsen.workload.Audit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verdict that was never bad proves nothing: every way to fail is planted once. */
class DemoReportTest {
    private static final Audit CLEAN = new Audit(100, 100, 0, 0, 0, 0, 2, 1, 103, List.of());
    private static final String SAME = "ab".repeat(32);

    @TempDir
    Path folder;

    private static NodeRecovery recovery(long snapshots) {
        return new NodeRecovery("n1", List.of(), snapshots * 1_000, 3, snapshots);
    }

    private static DemoReport report(Audit audit, long snapshotsOfTheSecond, long snapshotsOfTheThird, String digest) {
        return new DemoReport(
                3,
                2,
                60,
                new DemoReport.LeaderKilled("n1", "n2", 1, 2, 900, 1_000, true, 9, 800),
                new DemoReport.Replayed("n1", 50, 700, 900, recovery(snapshotsOfTheSecond)),
                new DemoReport.Installed("n3", 5_000, 1_900, recovery(snapshotsOfTheThird)),
                new DemoReport.AllKilled(2_000, 1_500, "n2", 3, List.of(recovery(0))),
                new DemoReport.Verdict(
                        audit,
                        List.of(
                                new DemoReport.MemberDigest("n1", 103, 100, SAME),
                                new DemoReport.MemberDigest("n2", 103, 100, SAME),
                                new DemoReport.MemberDigest("n3", 103, 100, digest))));
    }

    private String written(DemoReport report) throws IOException {
        report.write(folder);
        return Files.readString(folder.resolve("report.md"));
    }

    @Test
    void whatIsWholeEndsWellAndSaysSo() throws IOException {
        DemoReport whole = report(CLEAN, 0, 1, SAME);
        assertThat(whole.exitCode()).isZero();
        assertThat(written(whole))
                .contains("**Nothing was lost.**")
                .contains("acknowledged 100, found 100, lost 0, duplicated 0");
        assertThat(whole.summary()).contains("the digests of all members are equal");
    }

    @Test
    void aLostWriteEndsWithTwoAndIsNamed() throws IOException {
        Audit lossy = new Audit(100, 99, 1, 0, 0, 0, 2, 1, 103, List.of("t/0/7 is lost, acknowledged at 12"));
        DemoReport report = report(lossy, 0, 1, SAME);
        assertThat(report.exitCode()).isEqualTo(2);
        assertThat(report.summary()).contains("found 99, lost 1");
        assertThat(written(report))
                .contains("**SOMETHING WAS LOST OR DIFFERS.**")
                .contains("found 99, lost 1")
                .contains("- t/0/7 is lost, acknowledged at 12")
                .doesNotContain("Nothing was lost");
        JsonObject verdict = JsonParser.parseString(Files.readString(folder.resolve("report.json")))
                .getAsJsonObject()
                .getAsJsonObject("verdict");
        assertThat(verdict.getAsJsonObject("audit").get("lost").getAsLong()).isEqualTo(1);
    }

    @Test
    void anythingElseThatIsWrongEndsWithTwoAsWell() throws IOException {
        for (Audit wrong : List.of(
                new Audit(100, 99, 0, 1, 0, 0, 0, 0, 103, List.of()),
                new Audit(100, 99, 0, 0, 1, 0, 0, 0, 103, List.of()),
                new Audit(100, 100, 0, 0, 0, 1, 0, 0, 103, List.of()))) {
            assertThat(report(wrong, 0, 1, SAME).exitCode()).as("%s", wrong).isEqualTo(2);
        }
        DemoReport parted = report(CLEAN, 0, 1, "cd".repeat(32));
        assertThat(parted.exitCode()).isEqualTo(2);
        assertThat(written(parted)).contains("SOMETHING WAS LOST OR DIFFERS").contains("THE MEMBERS DIFFER");
    }

    @Test
    @DisplayName("a loss counts more than that the machine was too busy to show both ways back")
    void tooLittleShownEndsWithThree() {
        assertThat(report(CLEAN, 1, 1, SAME).exitCode()).isEqualTo(3);
        assertThat(report(CLEAN, 0, 0, SAME).exitCode()).isEqualTo(3);
        Audit lossy = new Audit(100, 99, 1, 0, 0, 0, 0, 0, 103, List.of());
        assertThat(report(lossy, 0, 0, SAME).exitCode()).isEqualTo(2);
    }
}
