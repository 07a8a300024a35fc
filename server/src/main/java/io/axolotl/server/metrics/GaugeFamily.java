package io.axolotl.server.metrics;

import com.codahale.metrics.Metric;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Gauges of one name whose labels are known only when they are read, such as one per member. Safe for all threads if {@code
 * samples} is.
 *
 * @param samples by labels as Prometheus writes them between the braces
 */
public record GaugeFamily(Supplier<Map<String, ? extends Number>> samples) implements Metric {}
