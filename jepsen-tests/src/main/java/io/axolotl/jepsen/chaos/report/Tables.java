package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.measure.Availability;
import io.axolotl.jepsen.chaos.measure.FaultCost;
import io.axolotl.jepsen.chaos.measure.Members;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.measure.Service;
import io.axolotl.jepsen.chaos.measure.View;
import io.axolotl.jepsen.process.Text;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of figures. */
final class Tables {
    /** Judges that ask what became of every write that was acknowledged. */
    private static final Set<String> ASK_FOR_EVERY_WRITE = Set.of("one history", "list transactions");

    static final String WRITE = "write";
    static final String READ = "read";

    private Tables() {}

    /** A row per fault. */
    static void faults(Page page, RunMeasure measure) {
        page.table(List.of(
                "#",
                "Fault",
                "#At",
                "#Lasted",
                "#No service",
                "#Detected",
                "#New leader",
                "#Service back",
                "#Redundancy back",
                "Caught up by",
                "#Calls late or failed",
                "#Writes lost"));
        long most = measure.faults().stream()
                .map(cost -> cost.service(View.SMART, WRITE))
                .filter(Objects::nonNull)
                .mapToLong(Service::withoutNanos)
                .max()
                .orElse(0);
        for (FaultCost cost : measure.faults()) {
            fault(page, cost, most, lostWrites(measure));
        }
        page.endTable();
    }

    /** Of all acknowledged writes of the run, where a judge asks for each of them: which fault lost one, no judge can tell. */
    static String lostWrites(RunMeasure measure) {
        boolean isAsked =
                measure.verdicts().stream().anyMatch(verdict -> ASK_FOR_EVERY_WRITE.contains(verdict.judge()));
        if (!isAsked) {
            return Words.NONE;
        }
        return switch (measure.verdict()) {
            case VALID -> "0";
            case VIOLATED -> "see verdicts";
            case UNDECIDED -> "0 found";
            case VOID -> "not judged";
        };
    }

    private static void fault(Page page, FaultCost cost, long mostNanos, String lostWrites) {
        FaultWindow fault = cost.fault();
        Service write = cost.service(View.SMART, WRITE);
        Service read = cost.service(View.SMART, READ);
        Html html = page.html();
        html.open("tr", "class", cost.whyVoid().isEmpty() ? "fault-row" : "fault-row off");
        page.figure(Integer.toString(cost.number()));
        page.name(
                fault.id() + (fault.target().isEmpty() ? "" : " " + fault.target()),
                sentence(String.join(" ", fault.catalogue()), fault.detail(), overlaps(cost), voided(cost)));
        page.figure(Words.clock(fault.injectedNanos()));
        page.figure(
                fault.healedNanos() == 0
                        ? "not healed"
                        : Words.duration((Long) (fault.healedNanos() - fault.injectedNanos())));
        html.open("td", "class", "n").text(write == null ? Words.NONE : without(write));
        if (write != null && mostNanos > 0) {
            html.open("span", "class", "track")
                    .open(
                            "i",
                            "style",
                            String.format(Locale.ROOT, "width:%.1f%%", 100.0 * write.withoutNanos() / mostNanos))
                    .close()
                    .close();
        }
        html.close();
        page.figure(Words.duration(cost.detectionNanos()));
        page.figure(Words.duration(cost.newLeaderNanos()));
        page.figure(write == null ? Words.NONE : write.isOver() ? Words.duration(write.recoveryNanos()) : "never");
        page.figure(Words.duration(cost.redundancyNanos()));
        page.cell(
                cost.catchUp().isEmpty() ? Words.NONE : cost.catchUp(),
                cost.catchUpBytes() == 0 ? "" : Text.bytes(cost.catchUpBytes()));
        page.figure(write == null ? Words.NONE : Text.count(write.lost() + (read == null ? 0 : read.lost())));
        page.figure(lostWrites);
        html.close().line();
    }

    private static String without(Service service) {
        return (service.isOver() ? "" : "≥ ") + Words.duration((Long) service.withoutNanos());
    }

    private static String overlaps(FaultCost cost) {
        return cost.overlaps().isEmpty()
                ? ""
                : "together with "
                        + cost.overlaps().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String voided(FaultCost cost) {
        return cost.whyVoid().isEmpty() ? "" : "does not count: " + cost.whyVoid();
    }

    private static String sentence(String... parts) {
        return Arrays.stream(parts).filter(part -> !part.isBlank()).collect(Collectors.joining(" · "));
    }

    /** Who was without service, and for how long: every view. */
    static void views(Page page, RunMeasure measure) {
        page.table(List.of(
                "#",
                "Fault",
                "Names",
                "#Client that may choose: writes",
                "#reads",
                "#Every healthy member: writes",
                "#reads",
                "#Every member: writes",
                "#reads"));
        for (FaultCost cost : measure.faults()) {
            page.html().open("tr");
            page.figure(Integer.toString(cost.number()));
            page.cell(cost.fault().id());
            page.cell(cost.members().stream().map(Members::name).collect(Collectors.joining(" ")));
            for (View view : View.values()) {
                for (String kind : List.of(WRITE, READ)) {
                    Service service = cost.service(view, kind);
                    page.figure(service == null ? Words.NONE : without(service));
                }
            }
            page.html().close().line();
        }
        page.endTable();
    }

    /** A row per kind of fault, and their sum. */
    static void availability(Page page, List<Availability> rows) {
        page.table(List.of(
                "Fault",
                "#Samples",
                "#Outages",
                "#No service",
                "#Service back",
                "#Detected",
                "#New leader",
                "#Redundancy back",
                "#MTBF",
                "#MTTR",
                "#Availability",
                "#…at one a day"));
        for (Availability row : rows) {
            page.html().open("tr", "class", row.faults().equals(Availability.EVERYTHING) ? "sum" : "kind");
            page.name(row.faults(), row.voids() == 0 ? "" : Text.count(row.voids()) + " void");
            page.figure(Text.count(row.samples()));
            page.figure(
                    Text.count(row.outages()) + (row.unfinished() == 0 ? "" : " (" + row.unfinished() + " not over)"));
            page.spread(row.without());
            page.spread(row.recovery());
            page.spread(row.detection());
            page.spread(row.newLeader());
            page.spread(row.redundancy());
            page.figure(mtbf(row));
            page.figure(Words.duration(row.mttrNanos()));
            page.figure(Words.share(row.availability()));
            page.figure(Words.share(row.atOneADay()));
            page.html().close().line();
        }
        page.endTable();
    }

    /** What the words of the tables mean. */
    static void definitions(Page page) {
        page.html().open("details").leaf("summary", "What these words mean").open("dl");
        define(
                page,
                "Bad bucket",
                "50 ms in which fewer than half of the probes that were due were answered within 100 ms, or in which the 99th"
                        + " percentile of the answers took more than 50 ms.");
        define(page, "Outage", "From a bad bucket to the end of the last one before twenty good ones.");
        define(
                page,
                "No service",
                "Per fault: its bad buckets, until service was good after the healing. Per kind: its outages.");
        define(page, "Service back", "From the fault to the end of its first outage.");
        define(
                page,
                "Detected, new leader",
                "From the fault to the first election, and to the first leader, that a member reported.");
        define(page, "Redundancy back", "From the healing until every member that the fault names had caught up.");
        define(page, "MTTR, MTBF", "Mean length of an outage, and mean time in service per outage.");
        define(
                page,
                "Availability",
                "MTBF / (MTBF + MTTR). How often faults strike is chosen in a test: \"at one a day\" is what the same outages come to if"
                        + " that fault alone strikes, once a day.");
        define(page, "a + b", "Faults that overlapped: what they cost cannot be told apart, so they are one sample.");
        define(
                page,
                "Void",
                "A fault before or after which there was no second of probes, or before which service was not good.");
        page.html().close().close().line();
    }

    private static void define(Page page, String word, String meaning) {
        page.html().leaf("dt", word).leaf("dd", meaning).line();
    }

    /** Without an outage all that is known is that it is longer than what was seen. */
    static String mtbf(Availability row) {
        return row.mtbfNanos() == null
                ? "> " + Words.duration((Long) row.observedNanos())
                : Words.duration(row.mtbfNanos());
    }
}
