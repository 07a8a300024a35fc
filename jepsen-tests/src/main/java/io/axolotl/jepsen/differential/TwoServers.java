package io.axolotl.jepsen.differential;

import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * etcd and Axolotl, one member each, in processes of their own, with the same flags. Each is started when it is first asked for
 * and lives until this is closed. Safe for all threads.
 */
public final class TwoServers implements AutoCloseable {
    private static final Duration BOUND = Duration.ofMinutes(2);

    private final Map<Target, Running> running = new EnumMap<>(Target.class);

    private record Running(ProcessCluster cluster, Endpoint endpoint) {}

    /** The started server's endpoint. */
    public synchronized Endpoint endpoint(Target target) {
        return running(target).endpoint;
    }

    /** The started server's client URL. */
    public synchronized String clientUrl(Target target) {
        return running(target).cluster.nodes().get(0).clientUrl();
    }

    private Running running(Target target) {
        Running present = running.get(target);
        if (present == null) {
            ProcessCluster cluster = ProcessCluster.of(target).size(1).build();
            cluster.start(BOUND);
            present = new Running(cluster, new Endpoint(cluster.nodes().get(0).clientUrl()));
            running.put(target, present);
        }
        return present;
    }

    @Override
    public synchronized void close() {
        for (Running one : running.values()) {
            one.endpoint.close();
            one.cluster.close();
        }
    }
}
