package io.axolotl.server.http;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.api.HealthCheck;
import io.axolotl.server.api.HealthCheck.Probe;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code /livez} or {@code /readyz}, and one page below for each of its checks (contract F.2). A query may leave checks out
 * ({@code exclude}, repeatable) or name those that are wanted ({@code allowlist}, repeatable); {@code verbose} lists them
 * though all are well. Names that are no check of the page are passed over.
 *
 * <p>Safe for all threads.
 */
final class ProbePages {
    private final String type;
    private final HealthCheck health;
    private final MetricRegistry registry;
    private final Map<Probe, Tally> tallies = new EnumMap<>(Probe.class);

    /** @param type also the label of its metrics */
    ProbePages(String type, HealthCheck health, MetricRegistry registry) {
        this.type = type;
        this.health = health;
        this.registry = registry;
    }

    Map<String, HttpPage> of(List<Probe> probes) {
        Map<String, HttpPage> pages = new HashMap<>();
        probes.forEach(probe -> tallies.put(probe, new Tally(probe)));
        pages.put("/" + type, exchange -> answer(exchange, chosen(probes, exchange)));
        probes.forEach(
                probe -> pages.put("/" + type + "/" + probe.label(), exchange -> answer(exchange, List.of(probe))));
        return pages;
    }

    private static List<Probe> chosen(List<Probe> probes, HttpExchange exchange) {
        List<String> wanted = exchange.query("allowlist");
        List<String> excluded = exchange.query("exclude");
        return probes.stream()
                .filter(probe -> wanted.isEmpty() || wanted.contains(probe.label()))
                .filter(probe -> !excluded.contains(probe.label()))
                .toList();
    }

    private void answer(HttpExchange exchange, List<Probe> probes) {
        next(exchange, new ArrayList<>(probes), new StringBuilder(), true);
    }

    /** One after the other, each told on some thread. */
    private void next(HttpExchange exchange, List<Probe> left, StringBuilder told, boolean isWell) {
        if (left.isEmpty()) {
            boolean isVerbose = !exchange.query("verbose").isEmpty();
            exchange.send(
                    isWell
                            ? HttpAnswer.text(200, (isVerbose ? told : "") + "ok")
                            : HttpAnswer.text(503, told.toString()));
            return;
        }
        Probe probe = left.remove(0);
        health.check(probe, sickness -> {
            tally(probe).told(sickness.isEmpty());
            told.append(sickness.isEmpty() ? "[+]" : "[-]")
                    .append(probe.label())
                    .append(sickness.isEmpty() ? " ok" : " failed: " + sickness)
                    .append('\n');
            next(exchange, left, told, isWell && sickness.isEmpty());
        });
    }

    private Tally tally(Probe probe) {
        Tally tally = tallies.get(probe);
        if (tally == null) {
            throw new IllegalStateException(type + " has no check " + probe);
        }
        return tally;
    }

    /** What became of one check so far. */
    private final class Tally {
        private final Counter successes;
        private final Counter errors;
        private volatile int last;

        Tally(Probe probe) {
            String labels = "{type=\"" + type + "\",name=\"" + probe.label() + "\"";
            successes = registry.counter("etcd_server_healthchecks_total" + labels + ",status=\"success\"}");
            errors = registry.counter("etcd_server_healthchecks_total" + labels + ",status=\"error\"}");
            registry.register("etcd_server_healthcheck" + labels + "}", (Gauge<Integer>) () -> last);
        }

        void told(boolean isWell) {
            last = isWell ? 1 : 0;
            (isWell ? successes : errors).inc();
        }
    }
}
