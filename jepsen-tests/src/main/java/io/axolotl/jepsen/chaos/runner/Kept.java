package io.axolotl.jepsen.chaos.runner;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.workloads.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run as it is kept in a folder: {@code history.jsonl} with every call, and {@code run.json} with everything else but the probes.
 * Immutable.
 */
final class Kept {
    static final String HISTORY = "history.jsonl";
    private static final String RUN = "run.json";
    private static final Gson JSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final RunRecord record;
    private final List<Call> calls;

    private Kept(RunRecord record, List<Call> calls) {
        this.record = record;
        this.calls = calls;
    }

    /** Writes what the history does not tell beside it. */
    static void write(RunRecord run, Path folder) {
        RunRecord brief = new RunRecord(
                run.id(),
                run.commit(),
                run.target(),
                run.nodes(),
                run.seed(),
                run.workload(),
                run.nemesis(),
                run.minutes(),
                run.startedEpochMillis(),
                run.faults(),
                run.events(),
                List.of(),
                run.verdicts(),
                run.skipped(),
                run.settings());
        try {
            Files.writeString(folder.resolve(RUN), JSON.toJson(brief) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.resolve(RUN), e);
        }
    }

    /** @throws IllegalArgumentException if there is no run in that folder, or it cannot be understood */
    static Kept read(Path folder) {
        for (String name : List.of(RUN, HISTORY)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new IllegalArgumentException("there is no kept run in " + folder + ": it has no " + name);
            }
        }
        try {
            RunRecord record = JSON.fromJson(Files.readString(folder.resolve(RUN)), RunRecord.class);
            if (record == null || record.workload() == null || record.faults() == null || record.settings() == null) {
                throw new IllegalArgumentException(folder.resolve(RUN) + " tells of no run");
            }
            return new Kept(record, History.read(folder.resolve(HISTORY)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(folder.resolve(RUN) + " is damaged: " + e.getMessage(), e);
        }
    }

    RunRecord record() {
        return record;
    }

    List<Call> calls() {
        return calls;
    }

    /** Judges the history again; what only the living cluster could be asked is taken from the record. */
    List<Verdict> judge() {
        List<Verdict> verdicts = new ArrayList<>();
        Rates rates = new Rates(setting("beganNanos"), setting("healedNanos"), setting("stoppedNanos"));
        verdicts.add(rates.judge(calls, record.faults(), Double.parseDouble(record.settings().getOrDefault("callsPerSecond", "0"))));
        verdicts.addAll(Workloads.named(record.workload()).judge(calls));
        return verdicts;
    }

    private long setting(String name) {
        String value = record.settings().get(name);
        if (value == null) {
            throw new IllegalArgumentException(RUN + " does not tell the setting " + name);
        }
        return Long.parseLong(value);
    }
}
