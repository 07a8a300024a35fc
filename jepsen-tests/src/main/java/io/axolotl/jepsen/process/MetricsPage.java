package io.axolotl.jepsen.process;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One scrape of a node's metrics: the samples of a page in Prometheus text format. Immutable. */
public final class MetricsPage {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})?\\s+(\\S+)(?:\\s+\\d+)?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private record Sample(String name, Map<String, String> labels, double value) {}

    private final List<Sample> samples;

    private MetricsPage(List<Sample> samples) {
        this.samples = samples;
    }

    /**
     * Reads a page.
     *
     * @throws IllegalArgumentException naming the line that is no sample
     */
    public static MetricsPage parse(String page) {
        List<Sample> samples = new ArrayList<>();
        for (String line : page.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher sample = SAMPLE.matcher(line.strip());
            if (!sample.matches()) {
                throw new IllegalArgumentException("not a line of metrics: " + line);
            }
            Map<String, String> labels = new LinkedHashMap<>();
            if (sample.group(2) != null) {
                Matcher label = LABEL.matcher(sample.group(2));
                while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                }
            }
            samples.add(new Sample(sample.group(1), labels, value(sample.group(3))));
        }
        return new MetricsPage(List.copyOf(samples));
    }

    private static double value(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** The sum of all samples of this name, whatever their labels; 0 if there are none. */
    public double sum(String name) {
        return samples.stream()
                .filter(sample -> sample.name.equals(name))
                .mapToDouble(Sample::value)
                .sum();
    }

    /** The samples of this name by the value of one label, in the order of the page. */
    public Map<String, Double> by(String name, String label) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (Sample sample : samples) {
            if (sample.name.equals(name) && sample.labels.containsKey(label)) {
                values.merge(sample.labels.getOrDefault(label, ""), sample.value, Double::sum);
            }
        }
        return values;
    }
}
