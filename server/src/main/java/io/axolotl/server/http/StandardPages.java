package io.axolotl.server.http;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.api.EtcdVersion;
import io.axolotl.server.api.HealthCheck;
import io.axolotl.server.api.HealthCheck.Probe;
import io.axolotl.server.api.ReadPool;
import io.axolotl.server.metrics.PrometheusText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is read by GET (contract F.2): {@code /health}, {@code /livez}, {@code /readyz}, {@code /version}, {@code
 * /metrics}.
 */
public final class StandardPages {
    private static final String VERSION = "/version";

    private StandardPages() {}

    /** By path; made once per registry. */
    public static Map<String, HttpPage> of(HealthCheck health, ReadPool reads, MetricRegistry registry) {
        String version = "{\"etcdserver\":\"" + EtcdVersion.SERVER + "\",\"etcdcluster\":\"" + EtcdVersion.CLUSTER
                + "\",\"storage\":\"" + EtcdVersion.STORAGE + "\"}";
        Map<String, HttpPage> pages = new HashMap<>();
        pages.put("/health", new HealthPage(health, registry));
        pages.put(VERSION, exchange -> exchange.send(HttpAnswer.json(200, version)));
        pages.put("/metrics", exchange -> metrics(exchange, reads, registry));
        pages.putAll(new ProbePages("livez", health, registry).of(List.of(Probe.SERIALIZABLE_READ)));
        pages.putAll(new ProbePages("readyz", health, registry)
                .of(List.of(
                        Probe.DATA_CORRUPTION, Probe.SERIALIZABLE_READ, Probe.LINEARIZABLE_READ, Probe.NON_LEARNER)));
        return Map.copyOf(pages);
    }

    /** What etcd serves on {@code --listen-metrics-urls}: all but the version. */
    public static Map<String, HttpPage> forMetricsPort(Map<String, HttpPage> all) {
        Map<String, HttpPage> pages = new HashMap<>(all);
        pages.remove(VERSION);
        return Map.copyOf(pages);
    }

    /** Some gauges ask the store or the operating system: not on an event loop. */
    private static void metrics(HttpExchange exchange, ReadPool reads, MetricRegistry registry) {
        boolean isTaken = reads.offer(
                () -> exchange.send(HttpAnswer.of(200, PrometheusText.CONTENT_TYPE, PrometheusText.of(registry))));
        if (!isTaken) {
            exchange.send(Http1Collector.overloaded());
        }
    }
}
