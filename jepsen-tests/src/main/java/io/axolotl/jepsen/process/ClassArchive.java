package io.axolotl.jepsen.process;

import io.axolotl.client.AxolotlClient;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The server's classes as the Java machine keeps them in memory, in a file (class data sharing): a server that maps it starts
 * in two thirds of the time and half of the CPU time. It belongs to one build and one Java, so it lies beside the jars and is
 * named for the Java. The launcher has it made at the end of a build; without it everything works, only slower.
 */
final class ClassArchive {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private ClassArchive() {}

    /** Starts a server, uses it a little, and has it write the archive when it ends. */
    public static void main(String[] args) {
        Path file = file().orElseThrow(() -> new IllegalStateException("this was not started from jars"));
        try (ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL).size(1).build()) {
            ServerProcess node = new ServerProcess(
                    cluster.nodes().get(0).spec().withJvmOption("'-XX:ArchiveClassesAtExit=" + file + "'"));
            node.startAndAwaitHealthy(BOUND);
            try (AxolotlClient client = ProcessCluster.clientOf(node)) {
                client.kv().put("key", "value").await();
                client.kv().get("key").await();
            }
            int unused = node.stop(BOUND);
        }
    }

    /** Where the archive for this build and this Java is, or should be. Nothing when the classes do not come from jars. */
    static Optional<Path> file() {
        try {
            Path jar = Path.of(ClassArchive.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Files.isDirectory(jar)
                    ? Optional.empty()
                    : Optional.of(jar.resolveSibling("server-" + System.getProperty("java.runtime.version") + ".jsa"));
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path is odd", e);
        }
    }
}
