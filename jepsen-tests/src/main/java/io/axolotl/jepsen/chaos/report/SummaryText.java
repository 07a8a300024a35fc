package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.measure.Availability;
import io.axolotl.jepsen.chaos.measure.Figures;
import io.axolotl.jepsen.process.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code summary.md}: a campaign for documents. */
final class SummaryText {
    /** Of the table side by side; {@link #figure} knows them by place. */
    static final List<String> FIGURES =
            List.of("Samples", "No service", "Service back", "New leader", "Redundancy back", "Availability");

    /** Those that are times. */
    static final Set<Integer> SPREADS = Set.of(1, 2, 3, 4);

    private SummaryText() {}

    /** A cell of the table side by side. */
    static String figure(@Nullable Availability row, int figure) {
        if (row == null) {
            return Words.NONE;
        }
        return switch (figure) {
            case 0 -> Text.count(row.samples());
            case 5 -> Words.share(row.availability());
            default -> Words.spread(spread(row, figure));
        };
    }

    /** Of those that are {@link #SPREADS}. */
    static @Nullable Figures spread(Availability row, int figure) {
        return switch (figure) {
            case 1 -> row.without();
            case 2 -> row.recovery();
            case 3 -> row.newLeader();
            case 4 -> row.redundancy();
            default -> throw new IllegalArgumentException("figure " + figure + " is not a time");
        };
    }

    /** Runs, void ones, undecided ones, violations, operations, faults, hours. */
    static List<String> figures(Summary.Total total) {
        return List.of(
                Text.count(total.runs()),
                Text.count(total.voids()),
                Text.count(total.undecided()),
                Text.count(total.violations()),
                Text.count(total.operations()),
                Text.count(total.faults()),
                String.format(Locale.ROOT, "%.1f", total.hours()));
    }

    static String of(Summary summary) {
        StringBuilder text = new StringBuilder("# Chaos campaign\n\n");
        row(text, List.of("target", "runs", "void", "undecided", "violations", "operations", "faults", "hours probed"));
        rule(text, 1, 7);
        summary.totals().forEach((target, total) -> {
            List<String> cells = new ArrayList<>(List.of(target));
            cells.addAll(figures(total));
            row(text, cells);
        });
        violations(text, summary);
        summary.writes().forEach((target, rows) -> availability(text, target, rows));
        if (!summary.sideBySide().isEmpty()) {
            sideBySide(text, summary);
        }
        return text.toString();
    }

    private static void violations(StringBuilder text, Summary summary) {
        for (Summary.Run run : summary.runs()) {
            for (Verdict verdict : run.verdicts()) {
                if (verdict.isViolated()) {
                    text.append("\n- **VIOLATED** `")
                            .append(cell(run.id()))
                            .append("` ")
                            .append(cell(verdict.judge()))
                            .append(": ")
                            .append(cell(verdict.summary()))
                            .append('\n');
                }
            }
        }
    }

    private static void availability(StringBuilder text, String target, List<Availability> rows) {
        text.append("\n## Availability: ").append(cell(target)).append("\n\n");
        text.append("Writes of a client that may choose a member; times are median / p95 / max.\n\n");
        row(
                text,
                List.of(
                        "fault",
                        "samples",
                        "outages",
                        "no service",
                        "service back",
                        "detected",
                        "new leader",
                        "redundancy back",
                        "MTBF",
                        "MTTR",
                        "availability",
                        "at one a day"));
        rule(text, 1, 11);
        for (Availability one : rows) {
            row(
                    text,
                    List.of(
                            one.faults(),
                            Text.count(one.samples()),
                            Text.count(one.outages()),
                            Words.spread(one.without()),
                            Words.spread(one.recovery()),
                            Words.spread(one.detection()),
                            Words.spread(one.newLeader()),
                            Words.spread(one.redundancy()),
                            Tables.mtbf(one),
                            Words.duration(one.mttrNanos()),
                            Words.share(one.availability()),
                            Words.share(one.atOneADay())));
        }
    }

    private static void sideBySide(StringBuilder text, Summary summary) {
        text.append("\n## Side by side\n\n");
        List<String> head = new ArrayList<>(List.of("fault"));
        for (String figure : FIGURES) {
            summary.targets().forEach(target -> head.add(figure.toLowerCase(Locale.ROOT) + ", " + target));
        }
        row(text, head);
        rule(text, 1, head.size() - 1);
        for (Summary.Pair pair : summary.sideBySide()) {
            List<String> cells = new ArrayList<>(List.of(pair.faults()));
            for (int figure = 0; figure < FIGURES.size(); figure++) {
                for (String target : summary.targets()) {
                    cells.add(figure(pair.of(target), figure));
                }
            }
            row(text, cells);
        }
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ")
                .append(String.join(" | ", cells.stream().map(SummaryText::cell).toList()))
                .append(" |\n");
    }

    private static void rule(StringBuilder text, int words, int figures) {
        text.append('|')
                .append("---|".repeat(words))
                .append("---:|".repeat(figures))
                .append('\n');
    }

    /** Nothing from outside ends a cell, begins a line or is markup. */
    private static String cell(String text) {
        return text.replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace("`", "'")
                .replaceAll("\\s+", " ");
    }
}
