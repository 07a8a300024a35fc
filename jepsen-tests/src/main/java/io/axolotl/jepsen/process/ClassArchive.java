package io.axolotl.jepsen.process;

import io.axolotl.client.AxolotlClient;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What servers start faster with. The server's classes as the Java machine keeps them in memory, in a file (class data sharing):
 * a server that maps it starts in two thirds of the time and half of the CPU time. And RocksDB's library, which each server would
 * unpack into its own folder and sync. The archive belongs to one build and one Java, so it lies beside the jars and is
 * named for the Java. The launcher has it made at the end of a build, a run of the tests at its start; without it everything
 * works, only slower.
 */
final class ClassArchive {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private ClassArchive() {}

    public static void main(String[] args) {
        make(file());
    }

    /** Makes the archive unless it is there, newer than the jars, or of no use. Only one process at a time does. */
    static void makeIfOld() throws IOException {
        String classPath = ServerJvm.classPath(ServerJvm.SERVER_MAIN);
        if (!isOfJars(classPath)) {
            return;
        }
        Path file = file();
        try (FileChannel lock = FileChannel.open(
                        file.resolveSibling(file.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            if (usableWith(classPath).isEmpty() && held.isValid()) {
                Files.deleteIfExists(file);
                make(file);
            }
        }
    }

    /** Starts a server, uses it a little, and has it write the archive when it ends. */
    private static void make(Path file) {
        try (ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL).size(1).build()) {
            ServerProcess node = new ServerProcess(
                    cluster.nodes().get(0).spec().withJvmOption("'-XX:ArchiveClassesAtExit=" + file + "'"));
            node.startAndAwaitHealthy(BOUND);
            try (AxolotlClient client = ProcessCluster.clientOf(node)) {
                client.kv().put("key", "value").await();
                client.kv().get("key").await();
            }
            keepLibrary(node.spec().dataFolder().resolve("native"));
            // Ends with the archive, so that there is none without the library.
            int unused = node.stop(BOUND);
        }
    }

    private static void keepLibrary(Path unpacked) {
        if (!Files.exists(unpacked)) {
            // That server had it from here.
            return;
        }
        try (Stream<Path> files = Files.walk(unpacked)) {
            Files.createDirectories(libraries());
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, libraries().resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep RocksDB's library in " + libraries(), e);
        }
    }

    /** Where RocksDB's library lies, if {@link #usableWith} finds an archive. */
    static Path libraries() {
        return file().resolveSibling("native");
    }

    /** The archive, if it is there and made from these jars as they are. */
    static Optional<Path> usableWith(String classPath) {
        Path file = file();
        long made = file.toFile().lastModified();
        boolean isNewest = Arrays.stream(classPath.split(File.pathSeparator, -1))
                .allMatch(jar -> new File(jar).lastModified() <= made);
        return isNewest && isOfJars(classPath) && Files.exists(file) ? Optional.of(file) : Optional.empty();
    }

    /** A folder of classes cannot be archived. */
    private static boolean isOfJars(String classPath) {
        return Arrays.stream(classPath.split(File.pathSeparator, -1)).allMatch(entry -> entry.endsWith(".jar"));
    }

    /** Beside the harness, which is a jar when the launcher runs it and a folder when tests do. */
    private static Path file() {
        try {
            Path harness = Path.of(ClassArchive.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return harness.resolveSibling("server-" + System.getProperty("java.runtime.version") + ".jsa");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path is odd", e);
        }
    }
}
