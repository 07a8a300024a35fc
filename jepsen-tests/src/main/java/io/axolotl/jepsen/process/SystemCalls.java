package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * System calls of one living process that take longer, fail, or are not made, until this is closed: a disk that has become slow or
 * has broken. It is done with {@code strace} from outside, so the process needs no switch for it. Being watched costs the process
 * something by itself, since every system call of every thread is stopped twice: measure with a delay of next to nothing beside it.
 *
 * <p>Confined to one thread.
 */
public final class SystemCalls implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final String SYNCS = "fdatasync,fsync";
    private static final String WRITES = "write,pwrite64,writev,pwritev";

    private final Process strace;
    private final Path output;

    private SystemCalls(Process strace, Path output) {
        this.strace = strace;
        this.output = output;
    }

    /** What is missing here, in words for people; nothing if it works. */
    public static Optional<String> obstacle() {
        return Attaching.OBSTACLE;
    }

    /** Tried once, on a process of our own: where strace is installed, attaching may still be forbidden. */
    private static final class Attaching {
        static final Optional<String> OBSTACLE =
                Target.onPath("strace") ? attach() : Optional.of("strace is not installed (package strace)");

        private static Optional<String> attach() {
            Process sleeper = null;
            Process strace = null;
            try {
                sleeper = new ProcessBuilder("sleep", "30").start();
                strace = new ProcessBuilder("strace", "-p", Long.toString(sleeper.pid()))
                        .redirectErrorStream(true)
                        .start();
                String said = strace.inputReader().readLine();
                return judge(said == null ? "it said nothing" : said);
            } catch (IOException e) {
                return Optional.of("strace cannot be started: " + e.getMessage());
            } finally {
                Stream.of(strace, sleeper).filter(Objects::nonNull).forEach(Process::destroyForcibly);
            }
        }
    }

    /** @param said the first line of a strace that was told to attach */
    static Optional<String> judge(String said) {
        return said.endsWith("attached")
                ? Optional.empty()
                : Optional.of("strace may not attach to processes here: " + said
                        + " (it needs root, CAP_SYS_PTRACE, or kernel.yama.ptrace_scope=0)");
    }

    /**
     * Slows a node's disk down; returns when it is.
     *
     * @param perSync added to each {@code fsync} and {@code fdatasync}, at least a microsecond
     */
    public static SystemCalls slowSyncs(ServerProcess node, Duration perSync) {
        return on(node, SYNCS, "delay_enter=" + perSync.toNanos() / 1_000, List.of());
    }

    /** Every {@code fsync} and {@code fdatasync} fails with an error of the device; nothing is synced. */
    public static SystemCalls failSyncs(ServerProcess node) {
        return on(node, SYNCS, "error=EIO", List.of());
    }

    /**
     * Words before a program that never syncs, and is told each time that it has: a disk that lies, or a server that leaves it out.
     * The program keeps its process id.
     */
    public static List<String> withoutSyncs() {
        return List.of(
                "strace",
                "-D",
                "-f",
                "--seccomp-bpf",
                "-o",
                "/dev/null",
                "-e",
                "trace=" + SYNCS,
                "-e",
                "signal=none",
                "-e",
                "inject=" + SYNCS + ":retval=0");
    }

    /** Writes fail with an error of the device: those to files that the node has open now under its data folder. */
    public static SystemCalls failWrites(ServerProcess node) {
        List<String> paths = new ArrayList<>();
        openFiles(node).forEach(file -> paths.addAll(List.of("-P", file.toString())));
        if (paths.isEmpty()) {
            throw new IllegalStateException(
                    node + " has no file open under " + node.spec().dataFolder());
        }
        return on(node, WRITES, "error=EIO", paths);
    }

    private static Iterable<Path> openFiles(ServerProcess node) {
        TreeSet<Path> files = new TreeSet<>();
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(node.pid()), "fd"))) {
            Path folder = node.spec().dataFolder().toRealPath();
            for (Path descriptor : descriptors) {
                if (Files.isRegularFile(descriptor)) {
                    Path file = descriptor.toRealPath();
                    if (file.startsWith(folder)) {
                        files.add(file);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot see which files " + node + " has open", e);
        }
        return files;
    }

    private static SystemCalls on(ServerProcess node, String calls, String injection, List<String> paths) {
        List<String> words = new ArrayList<>(List.of(
                "strace",
                "-f",
                "-p",
                Long.toString(node.pid()),
                "-o",
                "/dev/null",
                "-e",
                "trace=" + calls,
                "-e",
                "signal=none",
                "-e",
                "inject=" + calls + ":" + injection));
        words.addAll(paths);
        try {
            Path output = Files.createTempFile("axolotl-strace-", ".log");
            Process strace = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            Children.adopt(strace);
            SystemCalls held = new SystemCalls(strace, output);
            try {
                held.awaitAttached(node);
                return held;
            } catch (RuntimeException e) {
                // Or it would take hold later, and nobody could let go.
                held.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run strace", e);
        }
    }

    private void awaitAttached(ServerProcess node) {
        Await.fact("strace to hold " + node, BOUND, () -> {
            String said = said();
            if (!strace.isAlive()) {
                throw new IllegalStateException("strace cannot hold " + node + ": " + said);
            }
            return said.contains(" attached");
        });
    }

    private String said() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what strace said", e);
        }
    }

    /** Lets the process go: its system calls are its own again. */
    @Override
    public void close() {
        try {
            strace.destroy();
            if (!strace.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                // The kernel lets go of what a dead tracer held.
                strace.destroyForcibly();
            }
            Files.deleteIfExists(output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            strace.destroyForcibly();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + output, e);
        }
    }
}
