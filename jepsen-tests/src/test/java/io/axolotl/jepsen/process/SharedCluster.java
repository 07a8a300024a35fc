package io.axolotl.jepsen.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Lends one cluster of three to all tests that ask for a {@link ProcessCluster}, each of which gets it with all nodes alive and
 * healthy, whatever the one before did to it. Keys of different tests differ; the cluster is never emptied. With several test
 * JVMs each has one: Maven runs one class after the other in them, each as a run of its own.
 */
public final class SharedCluster implements ParameterResolver, BeforeEachCallback {
    /** Far above what a quiet machine needs: it ends what hangs, it is no bar for speed. */
    static final Duration BOUND = Duration.ofMinutes(2);
    /** Small, so that logs are compacted within a test. */
    static final int SNAPSHOT_COUNT = 1_000;
    /** Entries that stay in the log before the newest snapshot: what etcd keeps without being told. */
    static final int TAIL_ENTRIES = 5_000;

    private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(SharedCluster.class);

    /** Closed by JUnit after the last test. */
    private record Holder(ProcessCluster cluster) implements AutoCloseable {
        static Holder start() {
            ProcessCluster.Builder cluster =
                    ProcessCluster.of(Target.chosen()).flag("snapshot-count", Integer.toString(SNAPSHOT_COUNT));
            if (Target.chosen() == Target.AXOLOTL) {
                cluster.flag("snapshot-catchup-entries", Integer.toString(TAIL_ENTRIES));
            }
            return new Holder(cluster.build());
        }

        @Override
        public void close() throws IOException {
            cluster.nodes().forEach(ServerProcess::kill);
            keepLogs(cluster, "shared");
            cluster.close();
        }
    }

    /** Copies the logs of a cluster to {@code target/process-tests/NAME}, to be read after a failure. */
    static void keepLogs(ProcessCluster cluster, String name) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "process-tests", name));
        for (ServerProcess node : cluster.nodes()) {
            Path log = node.spec().logFile();
            if (Files.exists(log)) {
                Files.copy(log, folder.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static ProcessCluster cluster(ExtensionContext context) {
        return context.getStore(ExtensionContext.StoreScope.LAUNCHER_SESSION, SPACE)
                .getOrComputeIfAbsent("cluster", key -> Holder.start(), Holder.class)
                .cluster();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        ProcessCluster cluster = cluster(context);
        cluster.nodes().stream().filter(ServerProcess::isAlive).forEach(ServerProcess::resume);
        cluster.start(BOUND);
        cluster.nodes().forEach(node -> node.awaitHealthy(BOUND));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ProcessCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cluster(context);
    }
}
