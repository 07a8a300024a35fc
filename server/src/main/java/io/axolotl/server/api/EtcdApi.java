package io.axolotl.server.api;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.transport.NestedTransactions;
import io.axolotl.server.api.admission.Admission;
import io.axolotl.server.api.admission.AdmissionLimits;
import io.axolotl.server.api.watch.Forms;
import io.axolotl.server.api.watch.WatchHub;
import io.axolotl.server.api.watch.WatchLimits;
import io.axolotl.server.api.watch.WatchMetrics;
import io.axolotl.server.auth.LoginThrottle;
import io.axolotl.server.auth.SimpleTokens;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.ports.Arrivals;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.wire.UnreadableRequests;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Everything that answers gRPC on the client port: etcd's services, sessions, the standard health service (always SERVING for the
 * empty name, as etcd's) and reflection.
 *
 * <p>Immutable; the services are safe for all threads.
 */
public final class EtcdApi {
    private final List<ServerServiceDefinition> services;
    private final Quota quota;
    private final Admission admission;
    private final HealthStatusManager health = new HealthStatusManager();
    private final WatchHub watches;

    public EtcdApi(
            NodeService node,
            ApiLimits limits,
            WatchLimits watchLimits,
            ReconfigurationRules rules,
            ReadPool reads,
            AuthSettings auth,
            MetricRegistry registry) {
        this.quota = new Quota(node, limits.quotaBytes(), System::nanoTime);
        ApiMetrics metrics = new ApiMetrics(registry, node, limits);
        Gate gate = new Gate(node, quota, auth.tokens());
        if (auth.tokens() instanceof SimpleTokens simple) {
            node.hearTokens(simple);
        }
        ServerInterceptor leaderRequirement = new LeaderRequirement(node);
        ServerInterceptor learnerRule = new LearnerRule(node);
        ServerInterceptor logins = new LoginInterceptor(node, gate, auth.isCertificateAName());
        ClusterService cluster =
                new ClusterService(node, gate, rules, limits.requestTimeout().toNanos());
        this.watches = new WatchHub(
                node,
                watchLimits,
                new Forms(new Headers(node)::at, Responses::keyValue),
                new WatchMetrics(registry),
                System::nanoTime,
                new SplittableRandom());
        Recipes recipes = new Recipes(node, gate, reads, new WatchFollower(watches));
        this.admission = new Admission(
                AdmissionLimits.ofHeap(limits.requestTimeout()), registry, System::nanoTime, Arrivals::waitedNanos);
        List<ServerServiceDefinition> served = List.of(
                NestedTransactions.servedBy(ServerInterceptors.intercept(
                        new KvService(node, limits, gate, reads, metrics),
                        new CallMark(),
                        logins,
                        learnerRule,
                        leaderRequirement)),
                ServerInterceptors.intercept(cluster, new StandbyMark(), logins, learnerRule, leaderRequirement),
                ServerInterceptors.intercept(
                        new MaintenanceService(node, limits, gate, quota, reads, metrics),
                        logins,
                        learnerRule,
                        leaderRequirement),
                ServerInterceptors.intercept(
                        new LeaseService(node, limits, gate, reads), logins, learnerRule, leaderRequirement),
                ServerInterceptors.intercept(
                        new WatchService(node, gate, watches), logins, learnerRule, leaderRequirement),
                ServerInterceptors.intercept(new LockService(node, recipes), logins, learnerRule, leaderRequirement),
                ServerInterceptors.intercept(
                        new ElectionService(node, recipes), logins, learnerRule, leaderRequirement),
                ServerInterceptors.intercept(
                        new AuthService(
                                node,
                                gate,
                                reads,
                                auth.passwords(),
                                new LoginThrottle(System::nanoTime),
                                auth.tokens()),
                        logins,
                        learnerRule,
                        leaderRequirement),
                ServerInterceptors.intercept(new SessionService(node, gate), logins, learnerRule, leaderRequirement),
                health.getHealthService().bindService(),
                ProtoReflectionServiceV1.newInstance().bindService());
        // The outermost: what is not let in costs nothing else, and whatever ends a call ends its stay.
        this.services = served.stream()
                .map(service -> ServerInterceptors.intercept(UnreadableRequests.refusedBy(service), admission))
                .toList();
    }

    public List<ServerServiceDefinition> services() {
        return services;
    }

    /** The door that all of {@link #services} are behind. */
    public Admission admission() {
        return admission;
    }

    /** Where watches are served; wants a thread of its own. */
    public Stage watches() {
        return watches;
    }

    /** Of this member's store. */
    public Quota quota() {
        return quota;
    }

    /** Tells health watchers that this server goes away, and sends those that watch keys elsewhere. */
    public void enterTerminalState() {
        health.enterTerminalState();
        watches.endAll();
    }
}
