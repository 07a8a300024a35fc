package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.report.ChaosReport;
import io.axolotl.jepsen.chaos.workload.Workloads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run as it is kept in a folder: {@code history.jsonl} with every call, and {@code report.json} with everything else.
 *
 * @param record of the run, with the verdicts of then
 * @param calls the whole history
 */
record Kept(RunRecord record, List<Call> calls) {
    static final String HISTORY = "history.jsonl";
    private static final String REPORT = "report.json";

    Kept {
        calls = List.copyOf(calls);
    }

    /** @throws IllegalArgumentException if there is no run in that folder, or it cannot be understood */
    static Kept read(Path folder) {
        for (String name : List.of(REPORT, HISTORY)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new IllegalArgumentException("there is no kept run in " + folder + ": it has no " + name);
            }
        }
        return new Kept(ChaosReport.readRun(folder.resolve(REPORT)), History.read(folder.resolve(HISTORY)));
    }

    /** For people: where a run with findings is, and how it is judged once more. */
    static String announcement(Path folder) {
        return "  Kept: " + folder + ", the servers' data and logs in data\n  Judge it again: ./axolotl judge " + folder
                + "\n";
    }

    /** The verdicts, of which the history's are judged anew; what only the living cluster could be asked is as it was. */
    List<Verdict> judge() {
        Rates rates = new Rates(nanos("beganNanos"), nanos("healedNanos"), nanos("stoppedNanos"));
        List<Verdict> fresh = new ArrayList<>();
        Workload workload = Workloads.named(record.workload());
        fresh.add(rates.judge(calls, record.faults(), number("callsPerSecond"), workload.reachableShare()));
        fresh.addAll(workload.judge(calls));
        List<String> judges = fresh.stream().map(Verdict::judge).toList();
        List<Verdict> all = new ArrayList<>(record.verdicts().stream()
                .filter(verdict -> !judges.contains(verdict.judge()))
                .toList());
        all.addAll(fresh);
        return all;
    }

    private long nanos(String setting) {
        return (long) number(setting);
    }

    private double number(String setting) {
        String value = record.settings().get(setting);
        try {
            if (value != null) {
                return Double.parseDouble(value);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(REPORT + ": the setting " + setting + " is no number: " + value, e);
        }
        throw new IllegalArgumentException(REPORT + " does not tell the setting " + setting);
    }
}
