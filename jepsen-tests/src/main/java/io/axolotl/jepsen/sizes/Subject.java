package io.axolotl.jepsen.sizes;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.transport.NettyTransport;
import io.axolotl.jepsen.process.MetricsPage;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ProcessUse;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A running cluster of one system with a store that may grow as it likes, the member of it that all clients talk to (its first
 * leader), and what can be seen of that member from outside.
 *
 * <p>Measuring is safe for all threads, the rest confined to one.
 */
final class Subject implements AutoCloseable {
    /** A large store may take very long to open on a machine that has other things to do. */
    private static final Duration START_BOUND = Duration.ofMinutes(30);

    private static final Duration STOP_BOUND = Duration.ofMinutes(2);
    private static final Duration SCRAPE_BOUND = Duration.ofSeconds(5);
    private static final int NETWORK_THREADS = 2;

    /**
     * Entries that etcd keeps in memory. Its own choice is as many as these, for entries of one put: transactions hold more, and
     * its memory would tell of the load instead of the store.
     */
    private static final int ETCD_LOG_PUTS = 100_000;

    private final Target system;
    private final Path folder;
    private final ProcessCluster cluster;
    private final ServerProcess member;
    private final NettyTransport transport = new NettyTransport(
            "sizes",
            NETWORK_THREADS,
            new NettyTransport.Settings(
                    Duration.ofSeconds(5), Duration.ofMinutes(10), Duration.ofMinutes(1), Optional.empty(), false));
    private final List<ManagedChannel> channels = new ArrayList<>();

    private Subject(Target system, Path folder, ProcessCluster cluster, ServerProcess member) {
        this.system = system;
        this.folder = folder;
        this.cluster = cluster;
        this.member = member;
    }

    /** @param heap most heap of a Java server; its own options otherwise */
    static Subject start(Target system, SizesPlan plan, Optional<String> heap) {
        Path folder = plan.data().resolve(name(system)).toAbsolutePath();
        ProcessCluster.delete(folder);
        ProcessCluster.Builder builder =
                ProcessCluster.of(system).size(plan.nodes()).root(folder).flag("quota-backend-bytes", "-1");
        if (system == Target.ETCD) {
            builder.flag("snapshot-count", Integer.toString(ETCD_LOG_PUTS / plan.putsPerTxn()));
        }
        heap.ifPresent(builder::heap);
        ProcessCluster cluster = builder.build();
        try {
            cluster.start(START_BOUND);
            return new Subject(system, folder, cluster, cluster.awaitLeader(START_BOUND));
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** In lower case. */
    static String name(Target system) {
        return system.name().toLowerCase(Locale.ROOT);
    }

    Target system() {
        return system;
    }

    /** A new connection to the member; closed with this. */
    ManagedChannel channel() {
        URI url = URI.create(member.clientUrl());
        ManagedChannel channel = transport.channel(url.getHost(), url.getPort());
        channels.add(channel);
        return channel;
    }

    List<ManagedChannel> channels(int count) {
        return IntStream.range(0, count).mapToObj(any -> channel()).toList();
    }

    KVGrpc.KVBlockingStub kv() {
        return KVGrpc.newBlockingStub(channel());
    }

    ProcessUse use() {
        return member.use()
                .orElseThrow(() ->
                        new IllegalStateException(member + " of " + name(system) + " has ended:\n" + member.log()));
    }

    /** CPU time of all members. */
    long cpuNanos() {
        return cluster.nodes().stream()
                .flatMap(node -> node.use().stream())
                .mapToLong(ProcessUse::cpuNanos)
                .sum();
    }

    /** What the server's own heap holds now, garbage included; 0 if it does not tell in time. */
    long heapBytes() {
        return member.get("/metrics", SCRAPE_BOUND)
                .map(MetricsPage::parse)
                .map(page -> (long)
                        page.sum(system == Target.ETCD ? "go_memstats_heap_inuse_bytes" : "jvm_memory_heap_used"))
                .orElse(0L);
    }

    /** What the member's files take, each counted once however many names it has. */
    long diskBytes() {
        Set<Object> seen = new HashSet<>();
        long[] sum = {0};
        try {
            Files.walkFileTree(member.spec().dataFolder(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (seen.add(Objects.requireNonNullElse(attributes.fileKey(), file))) {
                        sum[0] += attributes.size();
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException why) {
                    // The server may remove files meanwhile.
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot measure " + member.spec().dataFolder(), e);
        }
        return sum[0];
    }

    /** Stops the member and starts it again. Returns how long it takes from the start of its process until it is healthy. */
    Duration restart() {
        int unused = member.stop(STOP_BOUND);
        return startAgain();
    }

    /** As {@link #restart}, after {@code kill -9}. */
    Duration restartAfterKill() {
        member.kill();
        return startAgain();
    }

    private Duration startAgain() {
        member.startAndAwaitHealthy(START_BOUND);
        Duration took = Duration.ofNanos(System.nanoTime() - member.startedNanos());
        channels.forEach(ManagedChannel::resetConnectBackoff);
        return took;
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        transport.close();
        cluster.close();
        ProcessCluster.delete(folder);
    }
}
