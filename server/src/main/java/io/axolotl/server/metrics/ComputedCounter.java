package io.axolotl.server.metrics;

import com.codahale.metrics.Metric;
import java.util.function.Supplier;

/** A counter that somebody else keeps: asked for when it is read. Safe for all threads if {@code value} is. */
public record ComputedCounter(Supplier<? extends Number> value) implements Metric {}
