package io.axolotl.jepsen.failover;

import io.axolotl.jepsen.process.Text;
import io.axolotl.jepsen.workload.Audit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All repetitions of one fault on one system. Immutable.
 *
 * @param voids why repetitions do not count
 * @param audit of every write from the first repetition to the last
 * @param staleReads reads that missed a write acknowledged before they were sent
 */
record SeriesResult(
        Series.Plan plan,
        List<Repetition> repetitions,
        List<String> voids,
        Audit audit,
        long staleReads,
        List<String> staleExamples) {
    SeriesResult {
        repetitions = List.copyOf(repetitions);
        voids = List.copyOf(voids);
        staleExamples = List.copyOf(staleExamples);
    }

    /** Nothing lost, nothing twice, nothing stale. */
    boolean isClean() {
        return audit.isClean() && staleReads == 0;
    }

    /** {@code median / p90 / worst} of what came, and how often it did not. */
    String spread(Function<Repetition, @Nullable Double> figure) {
        List<Double> sorted = sorted(figure);
        int missing = repetitions.size() - sorted.size();
        if (sorted.isEmpty()) {
            return "-";
        }
        String text = Text.spread(sorted);
        return missing == 0 ? text : text + " (" + missing + "× never)";
    }

    /** The median of what came. */
    String median(Function<Repetition, @Nullable Double> figure) {
        List<Double> sorted = sorted(figure);
        return sorted.isEmpty() ? "-" : String.format(Locale.ROOT, "%.0f", Text.percentile(sorted, 0.5));
    }

    private List<Double> sorted(Function<Repetition, @Nullable Double> figure) {
        List<Double> values = new ArrayList<>();
        for (Repetition repetition : repetitions) {
            Double value = figure.apply(repetition);
            if (value != null) {
                values.add(value);
            }
        }
        values.sort(Comparator.naturalOrder());
        return values;
    }
}
