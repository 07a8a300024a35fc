package io.axolotl.server.http;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.api.EtcdVersion;
import io.axolotl.server.api.HealthCheck;
import io.axolotl.server.api.ReadPool;
import io.axolotl.server.metrics.PrometheusText;
import java.util.Map;

/**
 * The pages of the client port (contract F.2): {@code /health}, {@code /version}, {@code /metrics}.
 */
public final class StandardPages {
    private StandardPages() {}

    public static HttpPages of(HealthCheck health, ReadPool reads, MetricRegistry registry) {
        String version = "{\"etcdserver\":\"" + EtcdVersion.SERVER + "\",\"etcdcluster\":\"" + EtcdVersion.CLUSTER
                + "\",\"storage\":\"" + EtcdVersion.STORAGE + "\"}";
        return new HttpPages(Map.of(
                "/health", new HealthPage(health, registry),
                "/version", exchange -> exchange.send(HttpAnswer.json(200, version)),
                "/metrics", exchange -> metrics(exchange, reads, registry)));
    }

    /** Some gauges ask the store or the operating system: not on an event loop. */
    private static void metrics(HttpExchange exchange, ReadPool reads, MetricRegistry registry) {
        boolean isTaken = reads.offer(
                () -> exchange.send(HttpAnswer.of(200, PrometheusText.CONTENT_TYPE, PrometheusText.of(registry))));
        if (!isTaken) {
            exchange.send(HttpAnswer.text(503, "too many requests"));
        }
    }
}
