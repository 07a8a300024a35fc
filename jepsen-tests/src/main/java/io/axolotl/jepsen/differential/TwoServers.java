package io.axolotl.jepsen.differential;

import io.axolotl.client.transport.LoopbackPorts;
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

    private final Map<String, String> tlsFlags;
    private final Map<Target, Running> running = new EnumMap<>(Target.class);

    private record Running(ProcessCluster cluster, Endpoint endpoint, String secureUrl) {}

    public TwoServers() {
        this(Map.of());
    }

    /** @param tlsFlags flags of both, without dashes, with which they also listen with TLS; if none, in clear text alone */
    public TwoServers(Map<String, String> tlsFlags) {
        this.tlsFlags = Map.copyOf(tlsFlags);
    }

    /** The started server's endpoint. */
    public synchronized Endpoint endpoint(Target target) {
        return running(target).endpoint;
    }

    /** The started server's client URL. */
    public synchronized String clientUrl(Target target) {
        return running(target).cluster.nodes().get(0).clientUrl();
    }

    /** Where the started server speaks TLS. */
    public synchronized String secureUrl(Target target) {
        return running(target).secureUrl;
    }

    private Running running(Target target) {
        Running present = running.get(target);
        if (present == null) {
            ProcessCluster.Builder builder = ProcessCluster.of(target).size(1);
            String secureUrl = "";
            if (!tlsFlags.isEmpty()) {
                int clear = LoopbackPorts.free();
                secureUrl = "https://127.0.0.1:" + LoopbackPorts.free();
                builder.ports(node -> clear, node -> LoopbackPorts.free())
                        .flag("listen-client-urls", "http://127.0.0.1:" + clear + "," + secureUrl);
                tlsFlags.forEach(builder::flag);
            }
            ProcessCluster cluster = builder.build();
            cluster.start(BOUND);
            present = new Running(cluster, new Endpoint(cluster.nodes().get(0).clientUrl()), secureUrl);
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
