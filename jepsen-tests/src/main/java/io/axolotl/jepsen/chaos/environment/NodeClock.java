package io.axolotl.jepsen.chaos.environment;

import io.axolotl.jepsen.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The wall clock of one node, which can be set while the node runs: libfaketime is loaded into its process and reads a file. The clock
 * that only goes forward is left alone, as a wrong date leaves it alone.
 *
 * <p>Safe for all threads.
 */
public final class NodeClock {
    /** Where distributions keep it, below the folders of libraries. */
    private static final String LIBRARY = "faketime/libfaketime.so.1";

    private static final Duration PROBE_OFFSET = Duration.ofDays(-1);
    private static final Duration PROBE_BOUND = Duration.ofSeconds(10);
    private static final double SECOND = 1e9;
    private static final long STEP_NANOS = 4_000_000L;

    private final Path library;
    private final Path file;

    /** Guarded by this; null if it does not drift. */
    private @Nullable Thread drifting;

    /** Guarded by this: why it could not go on drifting. */
    private @Nullable UncheckedIOException failure;

    private NodeClock(Path library, Path file) {
        this.library = library;
        this.file = file;
    }

    /** What keeps us from setting clocks here, in words for people; nothing if it works. */
    static Optional<String> obstacle() {
        return library()
                .map(NodeClock::obstacle)
                .orElse(Optional.of("libfaketime is not installed (package libfaketime)"));
    }

    /** A program is asked for the time, with its clock set to yesterday: what is installed may still be of another machine, or forbidden. */
    static Optional<String> obstacle(Path library) {
        try {
            Path folder = Files.createTempDirectory("axolotl-clock-probe-");
            NodeClock clock = new NodeClock(library, folder.resolve("clock"));
            try {
                clock.jump(PROBE_OFFSET);
                String said = clock.askedOf("date", "+%s");
                long off = Math.abs(
                        secondsIn(said) - Instant.now().plus(PROBE_OFFSET).getEpochSecond());
                return off < PROBE_OFFSET.abs().toSeconds() / 2
                        ? Optional.empty()
                        : Optional.of(library
                                + " does not move the time of a program: of yesterday, as seconds, it said " + said);
            } finally {
                deleteAll(folder);
            }
        } catch (IOException | UncheckedIOException e) {
            return Optional.of("it cannot be tried whether " + library + " moves the time: " + e.getMessage());
        }
    }

    private String askedOf(String... words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(environment());
        Process asked = builder.start();
        try {
            if (!asked.waitFor(PROBE_BOUND.toSeconds(), TimeUnit.SECONDS)) {
                return "nothing in " + PROBE_BOUND.toSeconds() + " s";
            }
            return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "nothing";
        } finally {
            Process unused = asked.destroyForcibly();
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** What a program said last; 0 if that is no number. */
    private static long secondsIn(String said) {
        String last = said.substring(said.lastIndexOf('\n') + 1);
        return last.matches("\\d{1,18}") ? Long.parseLong(last) : 0;
    }

    /** The library, if it is installed. */
    static Optional<Path> library() {
        for (Path parent : new Path[] {Path.of("/usr/lib"), Path.of("/usr/lib64"), Path.of("/usr/local/lib")}) {
            Optional<Path> found = libraryBelow(parent);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> libraryBelow(Path parent) {
        if (Files.exists(parent.resolve(LIBRARY))) {
            return Optional.of(parent.resolve(LIBRARY));
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, "*-linux-gnu*")) {
            for (Path folder : folders) {
                if (Files.exists(folder.resolve(LIBRARY))) {
                    return Optional.of(folder.resolve(LIBRARY));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            // There is no such folder.
            return Optional.empty();
        }
    }

    /** Of a node that is about to be made, right until it is set. */
    static NodeClock of(Path library, Path folder, int node) {
        NodeClock clock = new NodeClock(library, folder.resolve("clock-" + (node + 1)));
        clock.setRight();
        return clock;
    }

    ServerProcess.Spec tailor(ServerProcess.Spec spec) {
        ServerProcess.Spec tailored = spec;
        for (Map.Entry<String, String> variable : environment().entrySet()) {
            tailored = tailored.withEnvironment(variable.getKey(), variable.getValue());
        }
        return tailored;
    }

    /** Of all ways to use it the one that costs nothing and leaves the monotonic clock as it is. */
    private Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "FAKETIME_TIMESTAMP_FILE", file.toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    /** @param offset from the right time, may be negative */
    public synchronized void jump(Duration offset) {
        endDrift();
        write(offset.toNanos() / SECOND);
        tellFailure();
    }

    /**
     * Lets it run too fast or too slow from now on, in small steps: one that is slow goes back by two milliseconds and more every four.
     * The library could do better by itself, but then it bends timed waits as well: threads of a server oversleep by seconds, and go on
     * to when the clock is right again.
     *
     * @param rate 1 is right, 2 twice as fast
     */
    public synchronized void drift(double rate) {
        tellFailure();
        long startNanos = System.nanoTime();
        Thread thread = new Thread(() -> {
            while (step((rate - 1) * (System.nanoTime() - startNanos) / SECOND)) {
                LockSupport.parkNanos(STEP_NANOS);
            }
        });
        thread.setName("drift of " + file.getFileName());
        thread.setDaemon(true);
        drifting = thread;
        thread.start();
    }

    /** @return whether it is still to drift */
    private synchronized boolean step(double seconds) {
        if (drifting != Thread.currentThread()) {
            return false;
        }
        try {
            write(seconds);
            return true;
        } catch (UncheckedIOException e) {
            failure = e;
            return false;
        }
    }

    private void tellFailure() {
        UncheckedIOException failed = failure;
        if (failed != null) {
            failure = null;
            throw failed;
        }
    }

    /** @throws UncheckedIOException if it cannot be set, or could not be while it was to drift */
    public synchronized void setRight() {
        endDrift();
        write(0);
        tellFailure();
    }

    /** Leaves it as it is. */
    synchronized void endDrift() {
        drifting = null;
    }

    private void write(double seconds) {
        write(String.format(Locale.ROOT, "%+.3f", seconds));
    }

    private void write(String time) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, time + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set the clock in " + file, e);
        }
    }
}
