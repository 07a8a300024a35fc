package io.axolotl.jepsen.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.SyntheticRun;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.measure.Availability;
import io.axolotl.jepsen.chaos.measure.FaultCost;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.measure.Service;
import io.axolotl.jepsen.chaos.measure.View;
import io.axolotl.jepsen.process.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The pages are well-formed, stand alone and show the figures that were measured; the JSON is the run. */
class ChaosReportTest {
    private static final String HOSTILE = "</script><script>alert('x')</script>\"'&<b>\u0000\u001b[31m";
    private static final Pattern LOADS =
            Pattern.compile("<script|<link|<img|<iframe|@import|url\\((?!#)|src=|https?://(?!www\\.w3\\.org/2000/svg)");

    private static final RunRecord THREE_MINUTES = SyntheticRun.threeMinutes().record();
    private static final List<Call> ITS_CALLS = SyntheticRun.threeMinutes().calls(4);

    @TempDir
    private Path folder;

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }

    private static Element parse(String page) throws Exception {
        return HtmlTest.parse(page.replace("<!DOCTYPE html>", ""));
    }

    /** Cells of the rows of a class, in the table that has such rows. */
    private static List<List<String>> rows(Element page, String kind) {
        List<List<String>> rows = new ArrayList<>();
        NodeList all = page.getElementsByTagName("tr");
        for (int i = 0; i < all.getLength(); i++) {
            Element row = (Element) all.item(i);
            if (List.of(row.getAttribute("class").split(" ")).contains(kind)) {
                List<String> cells = new ArrayList<>();
                NodeList found = row.getElementsByTagName("td");
                for (int cell = 0; cell < found.getLength(); cell++) {
                    cells.add(found.item(cell).getTextContent());
                }
                rows.add(cells);
            }
        }
        return rows;
    }

    @Test
    void pageStandsAloneAndIsWellFormed() throws Exception {
        ChaosReport.write(THREE_MINUTES, ITS_CALLS, folder);
        String page = read(folder.resolve("report.html"));
        assertThat(LOADS.matcher(page).find()).as("something is loaded").isFalse();
        Element whole = parse(page);
        assertThat(whole.getElementsByTagName("svg").getLength()).isOne();
        assertThat(whole.getTextContent())
                .contains(
                        "./axolotl chaos --target axolotl --nodes 3 --workload register --nemesis mixed --minutes 3 --seed 4711")
                .contains("libfaketime is not installed", "election-timeout", "0123456789abcdef", "10 all-kill all");
        assertThat(page).contains("prefers-color-scheme: dark").doesNotContain("NaN", "Infinity", "null");
    }

    @Test
    @DisplayName("a bug that the servers were given stands above all that is said of them, and in the command")
    void aPlantedBugIsToldOf() throws Exception {
        SyntheticRun run = new SyntheticRun(3, 10_000, 1)
                .setting(RunRecord.PLANTED, "stale-read")
                .setting(RunRecord.PLANTED_BUG, "a member reads what it likes");
        ChaosReport.write(run.record(), run.calls(1), folder);
        assertThat(parse(read(folder.resolve("report.html"))).getTextContent())
                .contains("These servers have a bug", "a member reads what it likes.", "--plant stale-read");
    }

    @Test
    void figuresOfThePageAreThoseThatWereMeasured() throws Exception {
        RunMeasure measure = ChaosReport.write(THREE_MINUTES, ITS_CALLS, folder);
        Element page = parse(read(folder.resolve("report.html")));
        List<List<String>> faults = rows(page, "fault-row");
        assertThat(faults).hasSize(10);
        for (int i = 0; i < faults.size(); i++) {
            FaultCost cost = measure.faults().get(i);
            Service write = Objects.requireNonNull(cost.service(View.SMART, "write"));
            Service read = Objects.requireNonNull(cost.service(View.SMART, "read"));
            assertThat(faults.get(i).get(0)).isEqualTo(Integer.toString(cost.number()));
            assertThat(faults.get(i).get(4)).isEqualTo(Words.duration((Long) write.withoutNanos()));
            assertThat(faults.get(i).get(5)).isEqualTo(Words.duration(cost.detectionNanos()));
            assertThat(faults.get(i).get(6)).isEqualTo(Words.duration(cost.newLeaderNanos()));
            assertThat(faults.get(i).get(7)).isEqualTo(Words.duration(write.recoveryNanos()));
            assertThat(faults.get(i).get(8)).isEqualTo(Words.duration(cost.redundancyNanos()));
            assertThat(faults.get(i).get(10)).isEqualTo(Text.count(write.lost() + read.lost()));
        }
        assertThat(faults.get(9)).contains("5.40 s", "5.20 s", "5.29 s", "3.60 s");

        List<Availability> rows = Availability.table(List.of(measure), View.SMART, "write");
        List<List<String>> shown = new ArrayList<>(rows(page, "kind"));
        for (int i = 0; i + 1 < rows.size(); i++) {
            assertThat(shown.get(i).get(0)).isEqualTo(rows.get(i).faults());
            assertSame(shown.get(i), rows.get(i));
        }
        assertSame(rows(page, "sum").get(0), rows.get(rows.size() - 1));
    }

    private static void assertSame(List<String> cells, Availability row) {
        assertThat(cells.get(1)).isEqualTo(Text.count(row.samples()));
        assertThat(cells.get(2)).isEqualTo(Text.count(row.outages()));
        assertThat(cells.get(8)).isEqualTo(Tables.mtbf(row));
        assertThat(cells.get(9)).isEqualTo(Words.duration(row.mttrNanos()));
        assertThat(cells.get(10)).isEqualTo(Words.share(row.availability()));
        assertThat(cells.get(11)).isEqualTo(Words.share(row.atOneADay()));
    }

    @Test
    void hostileTextStaysText() throws Exception {
        SyntheticRun run = new SyntheticRun(3, 10_000, 1)
                .named(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
                .fault(HOSTILE, HOSTILE, 3_000, 4_000)
                .event(3_500, 1, "leader", HOSTILE, 5)
                .event(3_600, 1, HOSTILE, HOSTILE, 5)
                .verdict(Verdict.Kind.VIOLATED, HOSTILE, HOSTILE, HOSTILE)
                .verdict(Verdict.Kind.VOID, HOSTILE, HOSTILE)
                .skipped(HOSTILE, HOSTILE)
                .setting(HOSTILE, HOSTILE);
        RunMeasure measure = ChaosReport.write(run.record(), run.calls(1), folder.resolve("run"));
        ChaosReport.summary(List.of(measure), folder);
        for (String file : List.of("run/report.html", "index.html")) {
            String page = read(folder.resolve(file));
            assertThat(page).doesNotContain("<script", "<b>\u0000");
            assertThat(parse(page).getElementsByTagName("script").getLength()).isZero();
        }
        assertThat(read(folder.resolve("summary.md"))).doesNotContain("<script");
    }

    @Test
    void runReadsBackEqual() {
        SyntheticRun run =
                small("axolotl", 1, 300).setting("--snapshot-count", "50").skipped("bit-flip", "no \"root\"");
        RunMeasure measure = ChaosReport.write(run.record(), run.calls(2), folder);
        assertThat(ChaosReport.readRun(folder.resolve("report.json"))).isEqualTo(run.record());
        assertThat(ChaosReport.readMeasure(folder.resolve("report.json"))).isEqualTo(measure);
    }

    @Test
    void otherFilesAreRefusedByName() throws IOException {
        Path file = folder.resolve("report.json");
        for (String text :
                List.of("", "[]", "{\"run\": 3}", "{\"run\": {\"id\": \"x\"}}", "{\"run\": {\"probes\": {}}}", "{")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> ChaosReport.readRun(file))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(file + " is not the report of a run");
            assertThatThrownBy(() -> ChaosReport.readMeasure(file))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not the report of a run");
        }
    }

    @Test
    void runWithoutAnythingHasAPageToo() throws Exception {
        RunRecord whole = new SyntheticRun(3, 10, 1).record();
        RunRecord empty = new RunRecord(
                "empty",
                "",
                "axolotl",
                3,
                1,
                "set",
                "none",
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                whole.skipped(),
                whole.settings());
        RunMeasure measure = ChaosReport.write(empty, List.of(), folder);
        assertThat(measure.isVoid()).isTrue();
        assertThat(parse(read(folder.resolve("report.html"))).getTextContent())
                .contains("nothing was probed", "No fault was injected", "No judge said anything");
        ChaosReport.summary(List.of(), folder);
        assertThat(parse(read(folder.resolve("index.html"))).getTextContent()).contains("No runs.");
    }

    private static SyntheticRun small(String target, int number, long goneMs) {
        return new SyntheticRun(3, 20_000, number)
                .named(target + "-" + number, target, "register", "leader-kill")
                .fault("leader-kill", "n1", 5_000, 9_000)
                .nobody(5_000, 5_000 + goneMs)
                .event(5_000 + goneMs, 1, "leader", "leads in term 3", 0)
                .verdict(Verdict.Kind.VALID, "register", "all keys");
    }

    @Test
    void campaignHoldsBothSidesAgainstEachOther() throws Exception {
        List<RunMeasure> runs = new ArrayList<>();
        long operations = 0;
        for (int i = 1; i <= 3; i++) {
            for (String target : List.of("axolotl", "etcd")) {
                SyntheticRun run = small(target, i, i * (target.equals("etcd") ? 600L : 200L));
                List<Call> calls = run.calls(2);
                operations += calls.size();
                runs.add(ChaosReport.write(
                        run.record(), calls, folder.resolve(run.record().id())));
            }
        }
        SyntheticRun broken =
                small("etcd", 4, 100).verdict(Verdict.Kind.VIOLATED, "register", "key 7 | 3", "read 3 after 4");
        runs.add(RunMeasure.of(broken.record(), List.of()));
        SyntheticRun weak = small("axolotl", 5, 8_000).verdict(Verdict.Kind.VOID, "traffic", "too little");
        runs.add(RunMeasure.of(weak.record(), List.of()));
        ChaosReport.summary(runs, folder);

        JsonObject json =
                JsonParser.parseString(read(folder.resolve("summary.json"))).getAsJsonObject();
        JsonObject all = json.getAsJsonObject("totals").getAsJsonObject("all");
        assertThat(all.get("runs").getAsInt()).isEqualTo(8);
        assertThat(all.get("voids").getAsInt()).isOne();
        assertThat(all.get("violations").getAsInt()).isOne();
        assertThat(all.get("operations").getAsLong()).isEqualTo(operations);
        assertThat(all.get("faults").getAsInt()).isEqualTo(8);
        assertThat(json.getAsJsonObject("faultsByKind")
                        .getAsJsonObject("etcd")
                        .get("leader-kill")
                        .getAsInt())
                .isEqualTo(4);

        List<Availability> axolotl = Availability.table(
                runs.stream().filter(run -> run.target().equals("axolotl")).toList(), View.SMART, "write");
        assertThat(axolotl.get(0).samples()).as("the void run does not count").isEqualTo(3);
        String markdown = read(folder.resolve("summary.md"));
        assertThat(markdown)
                .contains("| leader-kill | 3 | 4 | 200 / 600 / 600 ms".replace("200", "400"))
                .contains("Side by side")
                .contains("key 7 \\| 3")
                .contains(Words.share(axolotl.get(0).availability()));
        Element page = parse(read(folder.resolve("index.html")));
        assertThat(page.getElementsByTagName("circle").getLength())
                .as("a dot per sample, and two that explain")
                .isEqualTo(3 + 4 + 2);
        List<String> links = new ArrayList<>();
        NodeList found = page.getElementsByTagName("a");
        for (int i = 0; i < found.getLength(); i++) {
            links.add(((Element) found.item(i)).getAttribute("href"));
        }
        assertThat(links).hasSize(6).contains("axolotl-1/report.html").doesNotContain("etcd-4/report.html");
    }

    @Test
    void runsOfAFolderAreReadFromTheirReports() throws IOException {
        assertThat(ChaosReport.runsIn(folder.resolve("none"))).isEmpty();
        List<RunMeasure> written = new ArrayList<>();
        for (int seed = 1; seed <= 2; seed++) {
            SyntheticRun run = small("axolotl", seed, 300);
            written.add(ChaosReport.write(
                    run.record(), run.calls(2), folder.resolve(run.record().id())));
        }
        ChaosReport.summary(written, folder);
        Files.createDirectory(folder.resolve("no run"));
        assertThat(ChaosReport.runsIn(folder)).isEqualTo(written);
    }

    @Test
    void serversWithABugAreASystemOfTheirOwn() {
        SyntheticRun run = small("axolotl", 1, 300).setting(RunRecord.PLANTED, "stale-read");
        assertThat(RunMeasure.of(run.record(), List.of()).target()).isEqualTo("axolotl with stale-read");
    }

    @Test
    void aReportThatIsNoneIsNamed() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("x")).resolve("report.json"), "[]");
        assertThatThrownBy(() -> ChaosReport.runsIn(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("report.json");
    }

    @Test
    void ninesThatAreNotThereAreNotClaimed() {
        assertThat(Words.share(1.0)).isEqualTo("100 %");
        assertThat(Words.share(0.99999)).isEqualTo("99.999 %");
        assertThat(Words.share(0.999996)).isEqualTo("99.9996 %");
        assertThat(Words.share(0.9451)).isEqualTo("94.5 %");
        assertThat(Words.share(0.0)).isEqualTo("0.0 %");
        assertThat(Words.share(null)).isEqualTo(Words.NONE);
    }

    @Test
    void commandIsQuotedForAShell() {
        SyntheticRun run = new SyntheticRun(3, 60_000, 1).named("x", "axolotl", "it's", "leader-kill,pause");
        assertThat(Words.command(run.record()))
                .isEqualTo(
                        "./axolotl chaos --target axolotl --nodes 3 --workload 'it'\\''s' --nemesis leader-kill,pause"
                                + " --minutes 1 --seed 4711");
        assertThat(Words.command(
                        run.setting("command", "./axolotl chaos --seed 3").record()))
                .isEqualTo("./axolotl chaos --seed 3");
    }
}
