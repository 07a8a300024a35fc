package io.axolotl.jepsen.floor;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one run of {@code axolotl bench} found. Immutable.
 *
 * @param serverMicros CPU time of all server processes per operation
 */
record Measurement(double perSecond, double p50Millis, double p99Millis, double serverMicros, long errors) {
    /** @param json what the bench printed with {@code -w json} */
    static Measurement ofBench(String json) {
        JsonObject report = JsonParser.parseString(json).getAsJsonObject();
        JsonObject latency = report.getAsJsonObject("latencyNanos");
        long errors = report.getAsJsonObject("errors").entrySet().stream()
                .mapToLong(error -> error.getValue().getAsLong())
                .sum();
        return new Measurement(
                report.get("perSecond").getAsDouble(),
                latency.get("p50").getAsDouble() / 1e6,
                latency.get("p99").getAsDouble() / 1e6,
                report.get("serverCpuMicrosPerOperation").getAsDouble(),
                errors);
    }

    /** The median of each figure on its own; the sum of the errors. */
    static Measurement median(List<Measurement> runs) {
        return new Measurement(
                median(runs, Measurement::perSecond),
                median(runs, Measurement::p50Millis),
                median(runs, Measurement::p99Millis),
                median(runs, Measurement::serverMicros),
                runs.stream().mapToLong(Measurement::errors).sum());
    }

    private static double median(List<Measurement> runs, ToDoubleFunction<Measurement> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
