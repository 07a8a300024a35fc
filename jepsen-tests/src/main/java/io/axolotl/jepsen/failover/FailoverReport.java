package io.axolotl.jepsen.failover;

import com.google.gson.GsonBuilder;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The figures of a campaign. Its JSON form is these records, field by field; times are in milliseconds. Immutable.
 *
 * @param processors of the machine that the servers and the load shared
 * @param network how the nodes were joined
 * @param skipped faults that were left out, and why
 */
record FailoverReport(int processors, String network, List<SeriesResult> series, List<String> skipped) {
    FailoverReport {
        series = List.copyOf(series);
        skipped = List.copyOf(skipped);
    }

    boolean isClean() {
        return series.stream().allMatch(SeriesResult::isClean);
    }

    /** Writes {@code report.md} and {@code report.json} into a folder, which is made if missing. */
    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.md"), markdown());
            Files.writeString(
                    folder.resolve("report.json"),
                    new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report to " + folder, e);
        }
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Failover\n\n");
        text.append("Three nodes on one machine of ")
                .append(processors)
                .append(" processors, ")
                .append(network)
                .append(
                        "; writes, reads and status calls through every member all the time. Every cell is median / p90 / worst in ms,")
                .append(
                        " counted from just before the fault, or from undoing it where the head says so; \"-\" did not happen while the")
                .append(" fault lasted.\n\n");
        text.append(
                        "No service: longest time between two acknowledged writes (linearizable reads) through any member that is left.")
                .append(
                        " Half rate: until writers that wait for each answer have half of their rate again for two seconds.\n\n");
        text.append("| fault | heartbeat/election | system | n | no writes | no reads | new leader | half rate |")
                .append(" undone: gap | undone: caught up | undone: serves | lost | stale |\n");
        text.append("|---|---|---|---:|---|---|---|---|---|---|---|---:|---:|\n");
        for (SeriesResult one : series) {
            text.append(row(one));
        }
        text.append(
                        "\nWhere the time goes after the fault, medians in ms: noticed by a member that is left; another leader named; first write")
                .append(
                        " acknowledged after that; longest write gap through the worst-off member that is left. Steady writes a second before and")
                .append(" during the fault.\n\n");
        text.append(
                "| fault | heartbeat/election | system | noticed | new leader | first write | worst member's gap | rate before | rate during |\n");
        text.append("|---|---|---|---:|---:|---:|---:|---:|---:|\n");
        for (SeriesResult one : series) {
            text.append(phases(one));
        }
        for (String reason : skipped) {
            text.append("\nSkipped: ").append(reason).append('\n');
        }
        for (SeriesResult one : series) {
            for (String reason : one.voids()) {
                text.append("\nDoes not count: ")
                        .append(head(one))
                        .append(": ")
                        .append(reason.lines().findFirst().orElse(""))
                        .append('\n');
            }
            one.audit()
                    .examples()
                    .forEach(example -> text.append("\n- ").append(example).append('\n'));
            one.staleExamples()
                    .forEach(example -> text.append("\n- ").append(example).append('\n'));
        }
        return text.toString();
    }

    private static String head(SeriesResult one) {
        Series.Plan plan = one.plan();
        return plan.fault().title + " | " + plan.heartbeatMillis() + "/" + plan.electionMillis() + " | "
                + system(plan.target());
    }

    static String system(Target target) {
        return target.name().toLowerCase(Locale.ROOT);
    }

    private static String row(SeriesResult one) {
        return "| "
                + String.join(
                        " | ",
                        head(one),
                        Integer.toString(one.repetitions().size()),
                        one.spread(Repetition::writeGapMillis),
                        one.spread(Repetition::readGapMillis),
                        one.spread(Repetition::newLeaderMillis),
                        one.spread(Repetition::halfRateMillis),
                        one.spread(Repetition::healGapMillis),
                        one.spread(Repetition::rejoinMillis),
                        one.spread(Repetition::servesMillis),
                        one.audit().isClean() ? "0 of " + one.audit().acknowledged() : "**" + one.audit() + "**",
                        Long.toString(one.staleReads()))
                + " |\n";
    }

    private static String phases(SeriesResult one) {
        return "| "
                + String.join(
                        " | ",
                        head(one),
                        one.median(Repetition::noticedMillis),
                        one.median(Repetition::newLeaderMillis),
                        one.median(Repetition::firstWriteMillis),
                        one.median(Repetition::slowestMemberGapMillis),
                        one.median(Repetition::rateBefore),
                        one.median(Repetition::rateDuring))
                + " |\n";
    }
}
