package io.axolotl.server.api;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.driver.NodeService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;

/**
 * Everything that answers gRPC on the client port: etcd's services, the standard health service (always SERVING for the
 * empty name, as etcd's) and reflection.
 *
 * <p>Immutable; the services are safe for all threads.
 */
public final class EtcdApi {
    private final List<ServerServiceDefinition> services;
    private final HealthStatusManager health = new HealthStatusManager();

    public EtcdApi(
            NodeService node, ApiLimits limits, ReconfigurationRules rules, ReadPool reads, MetricRegistry registry) {
        Quota quota = new Quota(new StoreReader(node::store), limits.quotaBytes(), System::nanoTime);
        ApiMetrics metrics = new ApiMetrics(registry, node, limits);
        ServerInterceptor leaderRequirement = new LeaderRequirement(node);
        ServerInterceptor learnerRule = new LearnerRule(node);
        ClusterService cluster =
                new ClusterService(node, rules, limits.requestTimeout().toNanos());
        this.services = List.of(
                ServerInterceptors.intercept(
                        new KvService(node, limits, quota, reads, metrics), learnerRule, leaderRequirement),
                ServerInterceptors.intercept(cluster, new StandbyMark(), learnerRule, leaderRequirement),
                ServerInterceptors.intercept(new MaintenanceService(node, quota), learnerRule, leaderRequirement),
                ServerInterceptors.intercept(
                        new LeaseService(node, limits, quota, reads), learnerRule, leaderRequirement),
                health.getHealthService().bindService(),
                ProtoReflectionServiceV1.newInstance().bindService());
    }

    public List<ServerServiceDefinition> services() {
        return services;
    }

    /** Tells health watchers that this server goes away. */
    public void enterTerminalState() {
        health.enterTerminalState();
    }
}
