package io.axolotl.server.http;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.api.EtcdError;
import io.axolotl.server.api.ReadPool;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health} (contract F.2): healthy is who can serve a linearizable read within the request timeout, or with {@code
 * serializable=true} a local one. The parameter {@code exclude} names alarms to overlook; it is accepted, and there are no
 * alarms to overlook yet.
 *
 * <p>Safe for all threads.
 */
public final class HealthPage implements HttpPage {
    private static final RangeQuery PROBE = RangeQuery.ofKey("health".getBytes(StandardCharsets.UTF_8));

    private final NodeService node;
    private final ReadPool reads;
    private final Counter healthy;
    private final Counter unhealthy;

    public HealthPage(NodeService node, ReadPool reads, MetricRegistry registry) {
        this.node = node;
        this.reads = reads;
        this.healthy = registry.counter("etcd_server_health_success");
        this.unhealthy = registry.counter("etcd_server_health_failures");
    }

    @Override
    public void get(HttpExchange exchange) {
        if (exchange.query("serializable").contains("true")) {
            read(exchange);
        } else if (node.view().leader() == null) {
            answer(exchange, "RAFT NO LEADER");
        } else {
            node.readBarrier(failure -> {
                if (failure == null) {
                    read(exchange);
                } else {
                    answer(exchange, rangeError(EtcdError.of(failure)));
                }
            });
        }
    }

    private void read(HttpExchange exchange) {
        boolean isTaken = reads.offer(() -> {
            RangeAnswer answer = node.store().range(PROBE);
            answer(exchange, answer instanceof RangeAnswer.Refused refused ? rangeError(EtcdError.of(refused.why())) : null);
        });
        if (!isTaken) {
            answer(exchange, rangeError(EtcdError.TOO_MANY_REQUESTS));
        }
    }

    private void answer(HttpExchange exchange, @Nullable String sickness) {
        if (sickness == null) {
            healthy.inc();
            exchange.send(HttpAnswer.json(200, "{\"health\":\"true\",\"reason\":\"\"}"));
        } else {
            unhealthy.inc();
            exchange.send(HttpAnswer.json(503, "{\"health\":\"false\",\"reason\":\"" + sickness + "\"}"));
        }
    }

    private static String rangeError(EtcdError error) {
        return "RANGE ERROR:" + error.text();
    }
}
