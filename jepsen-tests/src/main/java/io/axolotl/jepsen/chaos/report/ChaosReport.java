package io.axolotl.jepsen.chaos.report;

import com.google.gson.GsonBuilder;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.measure.CallSeries;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes what people and programs read of runs, and reads it back. */
public final class ChaosReport {
    private static final Pattern PLAIN_NAME = Pattern.compile("[\\w@=+,-][\\w.@=+,-]*");

    private ChaosReport() {}

    /**
     * Writes {@code report.html}, which stands alone, and {@code report.json} with all that it shows.
     *
     * @param calls the whole history
     * @param folder is made if missing; for a campaign its name is the run's id
     * @return what the run came to, for {@link #summary}: keep this, and let go of the run
     * @throws UncheckedIOException if a file cannot be written
     */
    public static RunMeasure write(RunRecord run, List<Call> calls, Path folder) {
        RunMeasure measure = RunMeasure.of(run, calls);
        CallSeries series = CallSeries.of(calls, TimelinePicture.endNanos(run));
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.html"), RunPage.of(run, measure, series));
            RunJson.write(run, measure, series, folder.resolve("report.json"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report to " + folder, e);
        }
        return measure;
    }

    /**
     * Reads a run from its {@code report.json}.
     *
     * @throws IllegalArgumentException if the file is something else
     * @throws UncheckedIOException if it cannot be read
     */
    public static RunRecord readRun(Path file) {
        return RunJson.readRun(file);
    }

    /** Reads from {@code report.json} what a run came to; errors as {@link #readRun}. */
    public static RunMeasure readMeasure(Path file) {
        return RunJson.readMeasure(file);
    }

    /**
     * What the runs came to that have folders of their own in this one, by name.
     *
     * @param folder need not be there
     * @throws IllegalArgumentException if a {@code report.json} is something else
     * @throws UncheckedIOException if something cannot be read
     */
    public static List<RunMeasure> runsIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted()
                    .map(run -> run.resolve("report.json"))
                    .filter(Files::isRegularFile)
                    .map(ChaosReport::readMeasure)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the folder " + folder, e);
        }
    }

    /** A file in a run's own folder, if it is there. An id that is no plain name, and could lead elsewhere, has no folder. */
    static Optional<Path> ofRun(Path folder, String id, String file) {
        return PLAIN_NAME.matcher(id).matches()
                ? Optional.of(folder.resolve(id).resolve(file)).filter(Files::isRegularFile)
                : Optional.empty();
    }

    /**
     * Writes {@code index.html}, {@code summary.md} and {@code summary.json} of a campaign.
     *
     * @param folder is made if missing; runs that have folders of their own in it, by their ids, are linked
     * @throws UncheckedIOException if a file cannot be written
     */
    public static void summary(List<RunMeasure> runs, Path folder) {
        Summary summary = Summary.of(runs);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("index.html"), SummaryPage.of(summary, runs, folder));
            Files.writeString(folder.resolve("summary.md"), SummaryText.of(summary));
            Files.writeString(
                    folder.resolve("summary.json"),
                    new GsonBuilder()
                                    .setPrettyPrinting()
                                    .disableHtmlEscaping()
                                    .create()
                                    .toJson(summary)
                            + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the summary to " + folder, e);
        }
    }
}
