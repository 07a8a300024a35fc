package io.axolotl.jepsen.sizes;

import com.google.gson.GsonBuilder;
import io.axolotl.jepsen.process.Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The figures of a run so far. Its JSON form is these fields; sizes are in bytes. Confined to one thread.
 */
final class SizesReport {
    private static final double MIB = 1 << 20;

    private final SizesPlan plan;
    private final List<KeysPart.Result> keys = new ArrayList<>();
    private final List<StreamPart.Result> stream = new ArrayList<>();
    private final List<WatchersPart.Result> watchers = new ArrayList<>();
    private final List<SlowPart.Result> slow = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    SizesReport(SizesPlan plan) {
        this.plan = plan;
    }

    void add(KeysPart.Result result) {
        keys.add(result);
    }

    void addStream(List<StreamPart.Result> results) {
        stream.addAll(results);
    }

    void addWatchers(List<WatchersPart.Result> results) {
        watchers.addAll(results);
    }

    void add(SlowPart.Result result) {
        slow.add(result);
    }

    void skip(String what) {
        skipped.add(what);
    }

    /** What was lost, doubled or wrong; empty if all is well. */
    List<String> faults() {
        return Stream.of(
                        keys.stream().flatMap(one -> named(Subject.name(one.system()), one.faults())),
                        stream.stream().flatMap(one -> named(Subject.name(one.system()), one.faults())),
                        watchers.stream().flatMap(one -> named(Subject.name(one.system()), one.faults())),
                        slow.stream().flatMap(one -> named(Subject.name(one.system()), one.faults())))
                .flatMap(faults -> faults)
                .toList();
    }

    private static Stream<String> named(String system, List<String> faults) {
        return faults.stream().map(fault -> system + ": " + fault);
    }

    /** Writes {@code report.md} and {@code report.json} into a folder, which is made if missing. */
    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.md"), markdown());
            Files.writeString(
                    folder.resolve("report.json"),
                    new GsonBuilder()
                                    .setPrettyPrinting()
                                    .registerTypeHierarchyAdapter(Path.class, (com.google.gson.JsonSerializer<Path>)
                                            (path, type, context) -> new com.google.gson.JsonPrimitive(path.toString()))
                                    .registerTypeAdapter(Duration.class, (com.google.gson.JsonSerializer<Duration>)
                                            (duration, type, context) ->
                                                    new com.google.gson.JsonPrimitive(duration.toNanos() / 1e9))
                                    .create()
                                    .toJson(this)
                            + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report to " + folder, e);
        }
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Sizes\n\n");
        text.append(String.format(
                Locale.ROOT,
                "%s in each cluster and the load on one machine of %d processors; values of %d B that do not compress. Memory is that"
                        + " of the member that all clients talk to, in MiB: resident = its own (anonymous) + mapped files.%n",
                Text.count(plan.nodes(), "member", "members"),
                Runtime.getRuntime().availableProcessors(),
                plan.valueBytes()));
        if (!keys.isEmpty()) {
            appendKeys(text);
        }
        if (!stream.isEmpty()) {
            appendStream(text);
        }
        if (!watchers.isEmpty()) {
            appendWatchers(text);
        }
        if (!slow.isEmpty()) {
            appendSlow(text);
        }
        skipped.forEach(what -> text.append("\nNot measured: ").append(what).append('\n'));
        faults().forEach(fault -> text.append("\n**").append(fault).append("**\n"));
        return text.toString();
    }

    private void appendKeys(StringBuilder text) {
        text.append(String.format(
                Locale.ROOT,
                "%n## %s keys in one store%n%nWritten in random order by transactions of %d puts; start: from its process until"
                        + " healthy.%n%n| system | keys/s | txns sent again | disk MiB | start after a stop | after a kill | resident after it | gets/s |"
                        + " resident after %s gets |%n|---|---:|---:|---:|---:|---:|---:|---:|---:|%n",
                Text.count(plan.keys()),
                plan.putsPerTxn(),
                Text.count(plan.reads())));
        for (KeysPart.Result one : keys) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f | %d | %.0f | %s | %s | %.0f | %.0f | %.0f |%n",
                    Subject.name(one.system()),
                    one.keysPerSecond(),
                    one.sentAgain(),
                    one.afterReads().diskBytes() / MIB,
                    Text.duration(one.startAfterStop().toNanos()),
                    Text.duration(one.startAfterKill().toNanos()),
                    one.afterStart().residentBytes() / MIB,
                    one.readsPerSecond(),
                    one.afterReads().residentBytes() / MIB));
        }
        text.append(
                "\nWhile they are written; heap: garbage included.\n\n| keys | system | keys/s | resident | anonymous | mapped |"
                        + " heap | disk MiB |\n|---:|---|---:|---:|---:|---:|---:|---:|\n");
        for (KeysPart.Result one : keys) {
            for (KeysPart.Point point : one.curve()) {
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |%n",
                        Text.count(point.keys()),
                        Subject.name(one.system()),
                        point.keysPerSecond(),
                        point.residentBytes() / MIB,
                        point.anonymousBytes() / MIB,
                        point.fileBytes() / MIB,
                        point.heapBytes() / MIB,
                        point.diskBytes() / MIB));
            }
        }
    }

    private void appendStream(StringBuilder text) {
        text.append(String.format(
                Locale.ROOT,
                "%n## A range over %s keys%n%nAxolotl with a heap of %s. Median time of %s; growth and heap: the most seen in any of"
                        + " them.%n%n| system | way | s | keys/s | MiB | server CPU s | resident before | grew by | heap |%n"
                        + "|---|---|---:|---:|---:|---:|---:|---:|---:|%n",
                Text.count(plan.streamKeys()),
                plan.heap(),
                Text.count(plan.repeats(), "reading", "readings")));
        for (StreamPart.Result one : stream) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %.2f | %.0f | %.0f | %.0f |%n",
                    Subject.name(one.system()),
                    one.way().title,
                    one.refusal().isEmpty() ? String.format(Locale.ROOT, "%.2f", one.seconds()) : one.refusal(),
                    one.refusal().isEmpty() ? String.format(Locale.ROOT, "%.0f", one.keys() / one.seconds()) : "-",
                    one.refusal().isEmpty() ? String.format(Locale.ROOT, "%.0f", one.bytes() / MIB) : "-",
                    one.serverCpuSeconds(),
                    one.peak().beforeBytes() / MIB,
                    one.peak().growthBytes() / MIB,
                    one.peak().heapBytes() / MIB));
        }
    }

    private void appendWatchers(StringBuilder text) {
        text.append(String.format(
                Locale.ROOT,
                "%n## %s watchers, %s changes a second%n%nOn %s over at most %d connections, for %.0f s after %.0f s of warm-up. All"
                        + " times in ms from when a change was due, on one clock; an event's time includes that of the write.%n%n"
                        + "| watchers have | system | made in s | event p50 | p99 | max | write p50 | p99 | events | wrong | server CPU"
                        + " us/change | resident | threads |%n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|%n",
                Text.count(plan.watchers()),
                Text.count(plan.ratePerSecond()),
                Text.count(plan.streams(), "stream", "streams"),
                WatchersPart.CONNECTIONS,
                plan.seconds(),
                plan.warmUpSeconds()));
        for (WatchersPart.Shape shape : WatchersPart.Shape.values()) {
            for (WatchersPart.Result one : watchers) {
                if (one.shape() == shape) {
                    Phase phase = one.phase();
                    text.append(String.format(
                            Locale.ROOT,
                            "| %s | %s | %.2f | %s | %d | %s | %.0f | %.0f | %d |%n",
                            shape.title,
                            Subject.name(one.system()),
                            one.openSeconds(),
                            times(phase),
                            phase.events(),
                            one.verdict().isClean() && one.faults().isEmpty() ? "0" : "**see below**",
                            phase.serverCpuMicros(),
                            phase.peak().residentBytes() / MIB,
                            phase.peak().threads()));
                }
            }
        }
    }

    /** Five cells. */
    private static String times(Phase phase) {
        return String.format(
                Locale.ROOT,
                "%.2f | %.2f | %.1f | %.2f | %.2f",
                phase.eventP50(),
                phase.eventP99(),
                phase.eventMax(),
                phase.ackP50(),
                phase.ackP99());
    }

    private void appendSlow(StringBuilder text) {
        text.append(String.format(
                Locale.ROOT,
                "%n## %s watchers that do not read beside %s that do%n%nEach on a stream of its own and one of ten ranges; %s changes a"
                        + " second for %.0f s in each phase. Times in ms, of the fast ones.%n%n| phase | system | event p50 | p99 | max |"
                        + " write p50 | p99 | server CPU us/change | resident before | grew by | heap |%n"
                        + "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|%n",
                Text.count(plan.slow()),
                Text.count(plan.fast()),
                Text.count(plan.ratePerSecond()),
                plan.seconds()));
        for (SlowPart.Result one : slow) {
            appendPhase(text, "alone", one, one.alone());
        }
        for (SlowPart.Result one : slow) {
            appendPhase(text, "the others do not read", one, one.beside());
        }
        for (SlowPart.Result one : slow) {
            appendPhase(text, "the others catch up", one, one.catchingUp());
        }
        text.append("\n| system | slow ones had everything after | what they saw |\n|---|---:|---|\n");
        for (SlowPart.Result one : slow) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f s | %s |%n",
                    Subject.name(one.system()),
                    one.catchUpSeconds(),
                    one.slowVerdict()));
        }
    }

    private static void appendPhase(StringBuilder text, String title, SlowPart.Result one, Phase phase) {
        text.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %.0f | %.0f | %.0f | %.0f |%n",
                title,
                Subject.name(one.system()),
                times(phase),
                phase.serverCpuMicros(),
                phase.peak().beforeBytes() / MIB,
                phase.peak().growthBytes() / MIB,
                phase.peak().heapBytes() / MIB));
    }
}
