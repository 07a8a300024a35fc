package io.axolotl.server.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a registry in the Prometheus text format 0.0.4. Names that differ only in their labels are one family, with one
 * TYPE line, and one HELP line where there is something to say.
 *
 * <p>A gauge that holds no number is left out (some of the JVM's hold text).
 */
public final class PrometheusText {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Logger log = LoggerFactory.getLogger(PrometheusText.class);

    private PrometheusText() {}

    public static String of(MetricRegistry registry) {
        Map<String, Map<String, Metric>> families = new TreeMap<>();
        registry.getMetrics().forEach((name, metric) -> {
            int brace = name.indexOf('{');
            String family = sanitized(brace < 0 ? name : name.substring(0, brace));
            String labels = brace < 0 ? "" : name.substring(brace + 1, name.length() - 1);
            families.computeIfAbsent(family, f -> new TreeMap<>()).put(labels, metric);
        });
        StringBuilder out = new StringBuilder(32 * 1024);
        families.forEach((family, byLabels) -> writeFamily(out, family, byLabels));
        return out.toString();
    }

    private static void writeFamily(StringBuilder out, String family, Map<String, Metric> byLabels) {
        StringBuilder samples = new StringBuilder();
        byLabels.forEach((labels, metric) -> writeSamples(samples, family, labels, metric));
        if (samples.isEmpty()) {
            return;
        }
        String help = MetricHelp.of(family);
        if (help != null) {
            out.append("# HELP ").append(family).append(' ').append(help).append('\n');
        }
        out.append("# TYPE ")
                .append(family)
                .append(' ')
                .append(type(byLabels.values().iterator().next()))
                .append('\n');
        out.append(samples);
    }

    private static String type(Metric metric) {
        if (metric instanceof BucketHistogram) {
            return "histogram";
        }
        return metric instanceof Counting || metric instanceof ComputedCounter ? "counter" : "gauge";
    }

    private static void writeSamples(StringBuilder out, String family, String labels, Metric metric) {
        if (metric instanceof BucketHistogram histogram) {
            writeHistogram(out, family, labels, histogram);
        } else if (metric instanceof Counter counter) {
            writeSample(out, family, labels, number(counter.getCount()));
        } else if (metric instanceof Counting counting) {
            writeSample(out, family, labels, number(counting.getCount()));
        } else if (metric instanceof ComputedCounter counter) {
            Number value = read(family, counter.value());
            if (value != null) {
                writeSample(out, family, labels, number(value));
            }
        } else if (metric instanceof GaugeFamily gauges) {
            Map<String, ? extends Number> samples = read(family, gauges.samples());
            if (samples != null) {
                new TreeMap<>(samples).forEach((each, value) -> writeSample(out, family, each, number(value)));
            }
        } else if (metric instanceof Gauge<?> gauge && read(family, gauge::getValue) instanceof Number value) {
            writeSample(out, family, labels, number(value));
        }
    }

    /** One gauge that cannot be read (a store that is just being replaced) must not cost all the others. */
    private static <T> @Nullable T read(String family, Supplier<? extends @Nullable T> metric) {
        try {
            return metric.get();
        } catch (RuntimeException e) {
            log.warn("metric {} is left out this time: {}", family, e.toString());
            return null;
        }
    }

    /** The counts are read before the sum: a value may be missing from the buckets, never from the sum alone. */
    private static void writeHistogram(StringBuilder out, String family, String labels, BucketHistogram histogram) {
        double[] bounds = histogram.boundsSeconds();
        long[] counts = histogram.counts();
        String prefix = labels.isEmpty() ? "" : labels + ",";
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            String bound = i < bounds.length ? number(bounds[i]) : "+Inf";
            writeSample(out, family + "_bucket", prefix + "le=\"" + bound + "\"", Long.toString(total));
        }
        writeSample(out, family + "_sum", labels, number(histogram.sumSeconds()));
        writeSample(out, family + "_count", labels, Long.toString(total));
    }

    private static void writeSample(StringBuilder out, String name, String labels, String value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private static String number(Number value) {
        if (!(value instanceof Double) && !(value instanceof Float)) {
            return value.toString();
        }
        double number = value.doubleValue();
        if (Double.isNaN(number)) {
            return "NaN";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "+Inf" : "-Inf";
        }
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    /** The JVM's metrics come with dots and dashes. */
    private static String sanitized(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean isDigit = c >= '0' && c <= '9';
            boolean isAllowed = isLetter || c == '_' || c == ':' || (isDigit && i > 0);
            out.append(isAllowed ? c : '_');
        }
        return out.toString();
    }
}
