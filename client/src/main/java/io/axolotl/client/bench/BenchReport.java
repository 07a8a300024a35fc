package io.axolotl.client.bench;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * What a run measured. Immutable by convention: nobody records into the histogram any more.
 *
 * @param latencies nanoseconds, of the operations that succeeded in the measured window
 * @param inTime those of them that were answered within their deadline
 * @param errors operations that failed in it, by code and text
 * @param unanswered operations that were still under way at the end
 * @param serverCpu CPU time of all server processes in the window; zero if none were named
 * @param ownCpu CPU time of this process in the window
 */
record BenchReport(
        BenchPlan plan,
        Histogram latencies,
        long inTime,
        Map<String, Long> errors,
        int unanswered,
        Duration serverCpu,
        Duration ownCpu) {
    /** The columns of {@link #markdownRow}. */
    static final String MARKDOWN_COLUMNS =
            "op | clients | op/s | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms | errors | servers us/op | bench us/op";

    long operations() {
        return latencies.getTotalCount();
    }

    double perSecond() {
        return operations() / seconds(plan.measured());
    }

    /** Answers within their deadline, per second. */
    double goodPerSecond() {
        return inTime / seconds(plan.measured());
    }

    long errorCount() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    double millis(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e6;
    }

    private double maxMillis() {
        return latencies.getMaxValue() / 1e6;
    }

    private double microsPerOperation(Duration cpu) {
        return operations() == 0 ? 0 : cpu.toNanos() / 1e3 / operations();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    String simple() {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%s, %d clients on %d connections, values of %d bytes, %d keys, %s",
                plan.operation(),
                plan.clients(),
                plan.connections(),
                plan.valueSizeBytes(),
                plan.keys(),
                plan.endpoints().stream().map(Object::toString).collect(Collectors.joining(",")));
        if (plan.ratePerSecond() > 0) {
            line(text, "offered     %.0f op/s", plan.ratePerSecond());
        }
        line(text, "throughput  %.0f op/s (%d in %.1f s)", perSecond(), operations(), seconds(plan.measured()));
        if (!plan.deadline().isZero()) {
            line(
                    text,
                    "goodput     %.0f op/s answered within %d ms",
                    goodPerSecond(),
                    plan.deadline().toMillis());
        }
        line(
                text,
                "latency ms  p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f  max %.3f",
                millis(50),
                millis(90),
                millis(99),
                millis(99.9),
                maxMillis());
        line(text, "errors      %d", errorCount());
        errors.forEach((kind, count) -> line(text, "            %d x %s", count, kind));
        if (!plan.serverPids().isEmpty()) {
            line(
                    text,
                    "server cpu  %.1f us/op (%d processes, %.2f cores)",
                    microsPerOperation(serverCpu),
                    plan.serverPids().size(),
                    seconds(serverCpu) / seconds(plan.measured()));
        }
        line(
                text,
                "bench cpu   %.1f us/op (%.2f cores)",
                microsPerOperation(ownCpu),
                seconds(ownCpu) / seconds(plan.measured()));
        return text.toString();
    }

    String markdownRow() {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.0f | %.2f | %.2f | %.2f | %.2f | %.2f | %d | %s | %.1f |%n",
                plan.operation(),
                plan.clients(),
                perSecond(),
                millis(50),
                millis(90),
                millis(99),
                millis(99.9),
                maxMillis(),
                errorCount(),
                plan.serverPids().isEmpty() ? "-" : String.format(Locale.ROOT, "%.1f", microsPerOperation(serverCpu)),
                microsPerOperation(ownCpu));
    }

    String json() {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            json.name("op").value(plan.operation().toString());
            json.name("endpoints").beginArray();
            for (var endpoint : plan.endpoints()) {
                json.value(endpoint.text());
            }
            json.endArray();
            json.name("clients").value(plan.clients());
            json.name("connections").value(plan.connections());
            json.name("valueSizeBytes").value(plan.valueSizeBytes());
            json.name("keySizeBytes").value(plan.keySizeBytes());
            json.name("keys").value(plan.keys());
            json.name("offeredPerSecond").value(plan.ratePerSecond());
            json.name("seconds").value(seconds(plan.measured()));
            json.name("operations").value(operations());
            json.name("perSecond").value(perSecond());
            json.name("deadlineMillis").value(plan.deadline().toMillis());
            json.name("goodPerSecond").value(goodPerSecond());
            json.name("latencyNanos").beginObject();
            json.name("p50").value(latencies.getValueAtPercentile(50));
            json.name("p90").value(latencies.getValueAtPercentile(90));
            json.name("p99").value(latencies.getValueAtPercentile(99));
            json.name("p999").value(latencies.getValueAtPercentile(99.9));
            json.name("max").value(latencies.getMaxValue());
            json.name("mean").value(operations() == 0 ? 0 : latencies.getMean());
            json.endObject();
            json.name("errors").beginObject();
            for (var error : errors.entrySet()) {
                json.name(error.getKey()).value(error.getValue());
            }
            json.endObject();
            json.name("unanswered").value(unanswered);
            json.name("serverProcesses").value(plan.serverPids().size());
            json.name("serverCpuMicrosPerOperation").value(microsPerOperation(serverCpu));
            json.name("benchCpuMicrosPerOperation").value(microsPerOperation(ownCpu));
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text + "\n";
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
