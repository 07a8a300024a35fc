package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A disk that has become slow: every sync of one living process takes longer by a fixed time, until this is closed. It is done
 * with {@code strace} from outside, so the process needs no switch for it. Being watched costs the process something by itself,
 * since every system call of every thread is stopped twice: measure with a delay of next to nothing beside it.
 *
 * <p>Confined to one thread.
 */
public final class SlowSync implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Process strace;
    private final Path output;

    private SlowSync(Process strace, Path output) {
        this.strace = strace;
        this.output = output;
    }

    /** What is missing here, in words for people; nothing if it works. */
    public static Optional<String> obstacle() {
        return Target.onPath("strace") ? Optional.empty() : Optional.of("strace is not installed (package strace)");
    }

    /**
     * Slows a node down; returns when it is.
     *
     * @param perSync added to each {@code fsync} and {@code fdatasync}, at least a microsecond
     */
    public static SlowSync on(ServerProcess node, Duration perSync) {
        String delayMicros = Long.toString(perSync.toNanos() / 1_000);
        try {
            Path output = Files.createTempFile("axolotl-strace-", ".log");
            Process strace = new ProcessBuilder(List.of(
                            "strace",
                            "-f",
                            "-p",
                            Long.toString(node.pid()),
                            "-o",
                            "/dev/null",
                            "-e",
                            "trace=fdatasync,fsync",
                            "-e",
                            "signal=none",
                            "-e",
                            "inject=fdatasync,fsync:delay_enter=" + delayMicros))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            Children.adopt(strace);
            SlowSync slow = new SlowSync(strace, output);
            slow.awaitAttached(node);
            return slow;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run strace", e);
        }
    }

    private void awaitAttached(ServerProcess node) {
        Await.fact("strace to hold " + node, BOUND, () -> {
            String said = said();
            if (!strace.isAlive()) {
                close();
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

    /** Lets the process go, at full speed. */
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
