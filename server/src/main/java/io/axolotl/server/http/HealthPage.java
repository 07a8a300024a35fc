package io.axolotl.server.http;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.api.HealthCheck;

/**
 * {@code /health} (contract F.2): 200 or 503, and why. {@code serializable=true} asks for a local read only. {@code
 * exclude}, which may be repeated, names alarms to overlook.
 *
 * <p>Safe for all threads.
 */
final class HealthPage implements HttpPage {
    private final HealthCheck check;
    private final Counter healthy;
    private final Counter unhealthy;

    HealthPage(HealthCheck check, MetricRegistry registry) {
        this.check = check;
        this.healthy = registry.counter("etcd_server_health_success");
        this.unhealthy = registry.counter("etcd_server_health_failures");
    }

    @Override
    public void answer(HttpExchange exchange) {
        check.check(
                exchange.query("serializable").contains("true"),
                exchange.query("exclude"),
                sickness -> tell(exchange, sickness));
    }

    private void tell(HttpExchange exchange, String sickness) {
        if (sickness.isEmpty()) {
            healthy.inc();
            exchange.send(HttpAnswer.json(200, "{\"health\":\"true\",\"reason\":\"\"}"));
        } else {
            unhealthy.inc();
            exchange.send(HttpAnswer.json(503, "{\"health\":\"false\",\"reason\":\"" + sickness + "\"}"));
        }
    }
}
