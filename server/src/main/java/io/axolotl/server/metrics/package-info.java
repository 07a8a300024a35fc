/**
 * What the server counts and measures, and how a scraper reads it. Everything lives in one Dropwizard registry under its
 * final Prometheus name; labels are part of that name, as in {@code grpc_server_started_total{grpc_method="Range"}}. A
 * counter of the registry is a Prometheus counter and a gauge a gauge, so whoever registers a metric chooses its type as
 * etcd's dashboards expect it (contract F.3). {@link io.axolotl.server.metrics.BucketHistogram} is there because
 * Dropwizard's own histogram keeps neither sum nor buckets.
 *
 * <p>{@link io.axolotl.server.metrics.PrometheusText} writes the text format; {@link
 * io.axolotl.server.metrics.ProcessMetrics} adds what the operating system and the JVM know of the process.
 *
 * <p>Thread rule: safe for all threads.
 */
@NullMarked
package io.axolotl.server.metrics;

import org.jspecify.annotations.NullMarked;
