package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.measure.Availability;
import io.axolotl.jepsen.chaos.measure.CallSeries;
import io.axolotl.jepsen.chaos.measure.Figures;
import io.axolotl.jepsen.chaos.measure.Members;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.measure.View;
import io.axolotl.jepsen.process.Text;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** {@code report.html}: one run. */
final class RunPage {
    private RunPage() {}

    static String of(RunRecord run, RunMeasure measure, CallSeries calls) {
        Page page = new Page("Chaos: " + run.workload() + " × " + run.nemesis() + " on " + run.target());
        List<Availability> table = Availability.table(List.of(measure), View.SMART, Tables.WRITE);
        head(page, run, measure);
        tiles(page, measure, table);
        page.heading("Timeline");
        page.note("Bands are faults, from injection to healing. Point at something to read its figures.");
        page.html().open("div", "class", "wide").line();
        page.html().add(TimelinePicture.draw(run, measure, calls)).close().line();
        page.heading("Verdicts");
        if (run.verdicts().isEmpty()) {
            page.note("No judge said anything: the run counts for nothing.");
        }
        run.verdicts().stream()
                .sorted(Comparator.comparing(verdict -> !verdict.isViolated()))
                .forEach(verdict -> page.verdict(verdict, ""));
        page.heading("What each fault cost");
        if (measure.faults().isEmpty()) {
            page.note("No fault was injected.");
        } else {
            Tables.faults(page, measure);
            page.html().open("details").leaf("summary", "Who was without service");
            Tables.views(page, measure);
            page.html().close().line();
        }
        page.heading("Availability by kind of fault");
        if (table.isEmpty()) {
            page.note("Nothing of this run counts.");
        } else {
            page.note("Writes of a client that may choose a member. Of times the median, and below it the longest.");
            Tables.availability(page, table);
            page.html().open("details").leaf("summary", "Reads");
            Tables.availability(page, Availability.table(List.of(measure), View.SMART, Tables.READ));
            page.html().close().line();
        }
        Tables.definitions(page);
        rest(page, run);
        return page.whole();
    }

    private static void head(Page page, RunRecord run, RunMeasure measure) {
        Html html = page.html();
        html.open("h1").text(run.workload() + " × " + run.nemesis() + " ");
        page.chip(measure.isVoid() && measure.violations() == 0 ? Verdict.Kind.VOID : measure.verdict());
        html.close().line();
        html.open("p", "class", "soft")
                .text(run.target() + ", " + Text.count(run.nodes(), "node", "nodes") + " · seed " + run.seed() + " · "
                        + BigDecimal.valueOf(run.minutes()).stripTrailingZeros().toPlainString() + " min · "
                        + Words.moment(run.startedEpochMillis()) + " · commit ")
                .leaf("code", run.commit())
                .text(" · ")
                .leaf("code", run.id())
                .close()
                .line();
        String planted = run.settings().get(RunRecord.PLANTED_BUG);
        if (planted != null) {
            page.note("These servers have a bug, so that it is seen whether the judges notice: " + planted + ".");
        }
        if (measure.isVoid()) {
            page.note("Void, so none of its figures count: " + measure.whyVoid());
        }
    }

    private static void tiles(Page page, RunMeasure measure, List<Availability> table) {
        Optional<Availability> all = table.stream()
                .filter(row -> row.faults().equals(Availability.EVERYTHING))
                .findFirst();
        Figures without = all.map(Availability::without).orElse(null);
        Figures recovery = all.map(Availability::recovery).orElse(null);
        Figures leader = all.map(Availability::newLeader).orElse(null);
        page.html().open("div", "class", "tiles").line();
        page.tile(
                "Operations",
                Text.count(measure.operationCount()),
                Text.count(measure.operations(Outcome.UNKNOWN)) + " unknown, "
                        + Text.count(measure.operations(Outcome.REFUSED)) + " refused");
        page.tile(
                "Acknowledged writes lost",
                Tables.lostWrites(measure),
                Text.count(measure.verdicts().size(), "verdict", "verdicts"));
        page.tile(
                "Faults",
                Text.count(measure.faults().size()),
                Text.count(measure.faults().stream()
                                .filter(cost -> !cost.whyVoid().isEmpty())
                                .count())
                        + " void");
        page.tile(
                "Availability",
                measure.isVoid()
                        ? Words.NONE
                        : Words.share(all.map(Availability::availability).orElse(null)),
                "of writes under these faults");
        page.tile(
                "No service",
                without == null ? Words.NONE : Words.duration((Long) without.maxNanos()),
                without == null ? "longest" : "longest; median " + Words.duration((Long) without.medianNanos()));
        page.tile(
                "Service back",
                recovery == null ? Words.NONE : Words.duration((Long) recovery.medianNanos()),
                recovery == null ? "median" : "median; longest " + Words.duration((Long) recovery.maxNanos()));
        page.tile(
                "New leader",
                leader == null ? Words.NONE : Words.duration((Long) leader.medianNanos()),
                leader == null ? "median" : "median; longest " + Words.duration((Long) leader.maxNanos()));
        page.html().close().line();
    }

    private static void rest(Page page, RunRecord run) {
        if (!run.skipped().isEmpty()) {
            page.heading("Skipped");
            page.pairs(run.skipped());
        }
        page.heading("Again");
        page.html().leaf("pre", Words.command(run)).line();
        if (!run.settings().isEmpty()) {
            page.heading("Settings");
            page.pairs(run.settings());
        }
        if (!run.events().isEmpty()) {
            page.html()
                    .open("details")
                    .leaf(
                            "summary",
                            "What the members reported ("
                                    + Text.count(run.events().size()) + ")");
            page.table(List.of("#At", "Member", "What", "Details", "#Bytes"));
            run.events().stream()
                    .sorted(Comparator.comparingLong(ClusterEvent::atNanos))
                    .forEach(event -> event(page, event));
            page.endTable();
            page.html().close().line();
        }
    }

    private static void event(Page page, ClusterEvent event) {
        page.html().open("tr");
        page.figure(Words.clock(event.atNanos()));
        page.cell(Members.name(event.member()));
        page.cell(event.kind());
        page.cell(event.detail());
        page.figure(event.bytes() == 0 ? "" : Text.bytes(event.bytes()));
        page.html().close().line();
    }
}
