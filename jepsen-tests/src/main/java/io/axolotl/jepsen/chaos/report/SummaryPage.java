package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.measure.Availability;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.process.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code index.html}: a campaign. */
final class SummaryPage {
    private SummaryPage() {}

    /** @param folder runs have their own folders in it, by their ids; those that are there are linked */
    static String of(Summary summary, List<RunMeasure> runs, Path folder) {
        Page page = new Page("Chaos campaign");
        Html html = page.html();
        html.leaf("h1", "Chaos campaign").line();
        html.leaf("p", subtitle(summary), "class", "soft").line();
        summary.totals().entrySet().stream()
                .reduce((before, last) -> last)
                .ifPresent(all -> tiles(page, all.getValue()));
        if (summary.totals().size() > 1) {
            totals(page, summary);
        }
        violations(page, summary);
        if (!summary.sideBySide().isEmpty()) {
            page.heading("Side by side");
            page.note("Writes of a client that may choose a member. Of times the median, and below it the longest.");
            sideBySide(page, summary);
        }
        page.heading("Time without service");
        page.note(
                "A dot per fault, or per group of faults that overlapped. What left service alone stands on the left.");
        html.open("div", "class", "wide")
                .add(RecoveryPicture.draw(runs))
                .close()
                .line();
        page.heading("Availability");
        page.note("Writes of a client that may choose a member. Of times the median, and below it the longest.");
        summary.writes().forEach((target, rows) -> {
            html.leaf("h3", target);
            Tables.availability(page, rows);
        });
        html.open("details").leaf("summary", "Reads");
        summary.reads().forEach((target, rows) -> {
            html.leaf("h3", target);
            Tables.availability(page, rows);
        });
        html.close().line();
        Tables.definitions(page);
        faults(page, summary);
        page.heading("Runs");
        runs(page, summary, folder);
        skipped(page, summary);
        return page.whole();
    }

    private static String subtitle(Summary summary) {
        List<String> commits =
                summary.runs().stream().map(Summary.Run::commit).distinct().toList();
        return summary.runs().isEmpty()
                ? "No runs."
                : "From " + Words.moment(summary.runs().get(0).startedEpochMillis()) + " · "
                        + (commits.size() == 1 ? "commit " : "commits ") + String.join(", ", commits);
    }

    private static void totals(Page page, Summary summary) {
        page.table(List.of(
                "Target", "#Runs", "#Void", "#Undecided", "#Violations", "#Operations", "#Faults", "#Hours probed"));
        summary.totals().forEach((target, total) -> {
            page.html().open("tr", "class", target.equals(Availability.EVERYTHING) ? "sum" : "kind");
            page.cell(target);
            SummaryText.figures(total).forEach(page::figure);
            page.html().close().line();
        });
        page.endTable();
    }

    private static void tiles(Page page, Summary.Total total) {
        page.html().open("div", "class", "tiles").line();
        page.tile("Runs", Text.count(total.runs()), Text.count(total.voids()) + " void");
        page.tile(
                "Violations",
                Text.count(total.violations()),
                "in " + Text.count(total.violatedRuns(), "run", "runs") + "; " + Text.count(total.undecided())
                        + " undecided");
        page.tile("Operations", Text.count(total.operations()), "in all workloads");
        page.tile("Faults", Text.count(total.faults()), "injected");
        page.tile("Probed", String.format(Locale.ROOT, "%.1f h", total.hours()), "of all runs");
        page.html().close().line();
    }

    private static void violations(Page page, Summary summary) {
        List<Summary.Run> violated = summary.runs().stream()
                .filter(run -> run.verdict() == Verdict.Kind.VIOLATED)
                .toList();
        if (!violated.isEmpty()) {
            page.heading("Violations");
            for (Summary.Run run : violated) {
                run.verdicts().stream().filter(Verdict::isViolated).forEach(verdict -> page.verdict(verdict, run.id()));
            }
        }
    }

    private static void sideBySide(Page page, Summary summary) {
        page.table("Fault", SummaryText.FIGURES, summary.targets());
        for (Summary.Pair pair : summary.sideBySide()) {
            page.html().open("tr", "class", pair.faults().equals(Availability.EVERYTHING) ? "sum" : "kind");
            page.name(pair.faults(), "");
            for (int figure = 0; figure < SummaryText.FIGURES.size(); figure++) {
                for (String target : summary.targets()) {
                    Availability row = pair.of(target);
                    if (row != null && SummaryText.SPREADS.contains(figure)) {
                        page.spread(SummaryText.spread(row, figure));
                    } else {
                        page.figure(SummaryText.figure(row, figure));
                    }
                }
            }
            page.html().close().line();
        }
        page.endTable();
    }

    private static void faults(Page page, Summary summary) {
        page.heading("Faults by kind");
        TreeSet<String> kinds = new TreeSet<>();
        summary.faultsByKind().values().forEach(counts -> kinds.addAll(counts.keySet()));
        List<String> columns = new ArrayList<>(List.of("Fault"));
        summary.targets().forEach(target -> columns.add("#" + target));
        page.table(columns);
        for (String kind : kinds) {
            page.html().open("tr");
            page.name(kind, "");
            for (String target : summary.targets()) {
                page.figure(Text.count(
                        summary.faultsByKind().getOrDefault(target, Map.of()).getOrDefault(kind, 0)));
            }
            page.html().close().line();
        }
        page.endTable();
    }

    private static void runs(Page page, Summary summary, Path folder) {
        page.table(List.of(
                "Run",
                "Verdict",
                "Target",
                "#Nodes",
                "Workload",
                "Nemesis",
                "#Seed",
                "#Operations",
                "#Faults",
                "#Availability"));
        for (Summary.Run run : summary.runs()) {
            page.html().open("tr").open("td");
            if (ChaosReport.ofRun(folder, run.id(), "report.html").isPresent()) {
                page.html().leaf("a", run.id(), "href", run.id() + "/report.html");
            } else {
                page.html().text(run.id());
            }
            if (!run.whyVoid().isEmpty()) {
                page.html().leaf("small", run.whyVoid());
            }
            page.html().close().open("td");
            page.chip(run.verdict());
            page.html().close();
            page.cell(run.target());
            page.figure(Integer.toString(run.nodes()));
            page.cell(run.workload());
            page.cell(run.nemesis());
            page.figure(Long.toString(run.seed()));
            page.figure(Text.count(run.operations()));
            page.figure(Text.count(run.faults()));
            page.figure(Words.share(run.availability()));
            page.html().close().line();
        }
        page.endTable();
    }

    private static void skipped(Page page, Summary summary) {
        Map<String, String> all = new TreeMap<>();
        summary.runs().forEach(run -> all.putAll(run.skipped()));
        if (!all.isEmpty()) {
            page.heading("Skipped");
            page.pairs(all);
        }
    }
}
