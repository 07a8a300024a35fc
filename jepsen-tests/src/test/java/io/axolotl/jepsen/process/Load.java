package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.workload.Audit;
import io.axolotl.jepsen.workload.Ledger;
import io.axolotl.jepsen.workload.Outage;
import io.axolotl.jepsen.workload.ServiceProber;
import io.axolotl.jepsen.workload.StateDigest;
import io.axolotl.jepsen.workload.Writers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Writers and a prober on a cluster for the length of a test, and the question that every such test ends with. */
final class Load implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int WRITERS = 6;
    /** Enough that every moment is written in; what is more only takes the processors from the servers that start. */
    private static final int PER_WRITER_RATE = 60;

    private final ProcessCluster cluster;
    private final AxolotlClient client;
    private final Writers writers;
    private final ServiceProber prober;

    private Load(ProcessCluster cluster) {
        this.cluster = cluster;
        this.client = AxolotlClient.builder()
                .endpoints(cluster.endpoints())
                .requestTimeout(Duration.ofSeconds(3))
                .build();
        int number = NUMBER.incrementAndGet();
        this.writers = Writers.start(client, "load-" + number + "/", WRITERS, PER_WRITER_RATE);
        this.prober = ServiceProber.start(cluster.endpoints(), "probe-" + number);
    }

    static Load on(ProcessCluster cluster) {
        return new Load(cluster);
    }

    /** A run without traffic before, during and after the fault shows nothing (faults.md part 5): tests wait for it here. */
    void awaitWrites(int more) {
        Ledger ledger = writers.ledger();
        long goal = ledger.acknowledged() + more;
        Await.fact(more + " more acknowledged writes", SharedCluster.BOUND, () -> ledger.acknowledged() >= goal);
    }

    long acknowledged() {
        return writers.ledger().acknowledged();
    }

    /** What a fault cost, as soon as service is back for good. */
    Outage awaitServiceSince(long faultNanos) {
        return Await.answer(
                "service to be back for good",
                SharedCluster.BOUND,
                () -> Optional.of(prober.outageSince(faultNanos)).filter(Outage::isOver));
    }

    /** Ends the load; what it wrote is judged later. */
    void stop() {
        prober.close();
        Ledger unused = writers.stop();
    }

    /** Ends the load and requires that nothing acknowledged is lost or doubled (I4, I15), and all members agree (I7). */
    void assertNothingLost() {
        stop();
        Audit audit = Audit.of(writers.ledger(), client);
        assertThat(audit.isClean()).as("%s%n%s", audit, cluster.root()).isTrue();
        Map<String, StateDigest> digests = new LinkedHashMap<>();
        for (ServerProcess node : cluster.nodes()) {
            cluster.awaitCaughtUp(node, SharedCluster.BOUND);
            try (AxolotlClient member = ProcessCluster.clientOf(node)) {
                digests.put(node.name(), StateDigest.of(member, audit.revision()));
            }
        }
        assertThat(digests.values()).as("digests by node: %s", digests).containsOnly(digests.get("n1"));
    }

    @Override
    public void close() {
        writers.close();
        prober.close();
        client.close();
    }
}
