package io.axolotl.jepsen.process;

import io.axolotl.client.transport.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One node: a folder, ports and flags that stay, and at most one living process at a time. Questions are safe for all
 * threads; starting and stopping is for one thread at a time.
 */
public final class ServerProcess {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(1))
            .build();
    /** Read by every Java machine at its start. */
    private static final String JVM_OPTIONS = "JDK_JAVA_OPTIONS";

    private static final int TAIL_LINES = 15;
    private static final Duration KILL_BOUND = Duration.ofSeconds(10);

    /**
     * What a node is. Immutable.
     *
     * @param flags all flags after the program, as {@code --name=value}
     * @param environment added to that of this JVM
     * @param logFile gets what the processes print, one after the other
     * @param place where on this machine it runs
     * @param main a main class of ours and its first arguments, to be run in the place of the target's program; empty for that
     */
    public record Spec(
            Target target,
            String name,
            int clientPort,
            int peerPort,
            Path dataFolder,
            Path logFile,
            List<String> flags,
            Map<String, String> environment,
            Place place,
            List<String> main) {
        public Spec {
            flags = List.copyOf(flags);
            environment = Map.copyOf(environment);
            main = List.copyOf(main);
        }

        /** On loopback. */
        public Spec(
                Target target,
                String name,
                int clientPort,
                int peerPort,
                Path dataFolder,
                Path logFile,
                List<String> flags,
                Map<String, String> environment) {
            this(
                    target,
                    name,
                    clientPort,
                    peerPort,
                    dataFolder,
                    logFile,
                    flags,
                    environment,
                    Place.LOOPBACK,
                    List.of());
        }

        public String clientUrl() {
            return "http://" + place.clientHost() + ":" + clientPort;
        }

        public String peerUrl() {
            return "http://" + place.peerHost() + ":" + peerPort;
        }

        /**
         * The same node with a flag set, replaced if it was there.
         *
         * @param flag without dashes
         */
        public Spec with(String flag, String value) {
            List<String> changed = new ArrayList<>(flags);
            changed.removeIf(word -> word.startsWith("--" + flag + "="));
            changed.add("--" + flag + "=" + value);
            return new Spec(target, name, clientPort, peerPort, dataFolder, logFile, changed, environment, place, main);
        }

        /**
         * The value of a flag.
         *
         * @param flag without dashes
         * @throws IllegalStateException if it is not set
         */
        public String flag(String flag) {
            String start = "--" + flag + "=";
            return flags.stream()
                    .filter(word -> word.startsWith(start))
                    .map(word -> word.substring(start.length()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(name + " has no --" + flag));
        }

        /** The same node with a variable of its environment set, replaced if it was there. */
        public Spec withEnvironment(String variable, String value) {
            Map<String, String> changed = new LinkedHashMap<>(environment);
            changed.put(variable, value);
            return new Spec(target, name, clientPort, peerPort, dataFolder, logFile, flags, changed, place, main);
        }

        /** The same node with an option of the Java machine that will run it; quote it if it may hold blanks. */
        Spec withJvmOption(String option) {
            Map<String, String> changed = new LinkedHashMap<>(environment);
            changed.merge(JVM_OPTIONS, option, (before, added) -> before + " " + added);
            return new Spec(target, name, clientPort, peerPort, dataFolder, logFile, flags, changed, place, main);
        }

        private List<String> program() {
            if (main.isEmpty()) {
                return target.program();
            }
            List<String> program = new ArrayList<>(ServerJvm.command(main.get(0)));
            program.addAll(main.subList(1, main.size()));
            return program;
        }

        /** The whole command line. */
        public List<String> command() {
            List<String> command = new ArrayList<>(place.prefix());
            command.addAll(program());
            command.addAll(target.adapt(flags));
            return command;
        }
    }

    private final Spec spec;
    private volatile @Nullable Process process;
    private volatile long logStartBytes;
    private volatile long startedNanos;

    public ServerProcess(Spec spec) {
        this.spec = spec;
    }

    public Spec spec() {
        return spec;
    }

    public String name() {
        return spec.name;
    }

    public String clientUrl() {
        return spec.clientUrl();
    }

    /**
     * Starts a process and returns at once.
     *
     * @throws IllegalStateException if one lives already
     */
    public void start() {
        if (isAlive()) {
            throw new IllegalStateException(name() + " runs already, as process " + pid());
        }
        try {
            Files.createDirectories(spec.logFile.toAbsolutePath().getParent());
            logStartBytes = Files.exists(spec.logFile) ? Files.size(spec.logFile) : 0;
            ProcessBuilder builder = new ProcessBuilder(spec.command())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.logFile.toFile()));
            builder.environment().putAll(spec.environment);
            startedNanos = System.nanoTime();
            Process started = builder.start();
            Children.adopt(started);
            process = started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name(), e);
        }
    }

    /** When the last process was started, on the clock of {@link System#nanoTime}. */
    public long startedNanos() {
        return startedNanos;
    }

    /** Starts a process and waits until it answers {@code /health} with success: it serves, and knows a leader. */
    public void startAndAwaitHealthy(Duration bound) {
        start();
        awaitHealthy(bound);
    }

    /** @throws Await.TooLateException with the end of the log, also as soon as the process has ended */
    public void awaitHealthy(Duration bound) {
        try {
            Await.fact(name() + " to be healthy", bound, () -> {
                requireAlive("before it was healthy");
                return isHealthy();
            });
        } catch (Await.TooLateException e) {
            throw new Await.TooLateException(e.getMessage() + "; its log ends:\n" + logTail());
        }
    }

    /** Waits as {@link #awaitHealthy}; a process that ends meanwhile, of what befell it before, is started again, once. */
    public void awaitHealthyOrStartAgain(Duration bound) {
        try {
            awaitHealthy(bound);
        } catch (Await.TooLateException e) {
            if (isAlive()) {
                throw e;
            }
            startAndAwaitHealthy(bound);
        }
    }

    private void requireAlive(String when) {
        if (!isAlive()) {
            throw new Await.TooLateException(
                    name() + " ended with exit code " + exitCode().orElse(-1) + " " + when);
        }
    }

    /** Waits until the process takes connections on its client port; it may know no leader yet. */
    public void awaitListening(Duration bound) {
        try {
            Await.fact(name() + " to listen on " + clientUrl(), bound, () -> {
                requireAlive("before it listened");
                return get("/version", Duration.ofSeconds(1)).isPresent();
            });
        } catch (Await.TooLateException e) {
            throw new Await.TooLateException(e.getMessage() + "; its log ends:\n" + logTail());
        }
    }

    /** Waits until something listens on the client port, whatever it speaks. */
    public void awaitPort(Duration bound) {
        Await.fact(name() + " to listen on port " + spec.clientPort, bound, () -> {
            requireAlive("before it listened");
            return !LoopbackPorts.isFree(spec.clientPort);
        });
    }

    /** Whether {@code /health} says so now. */
    public boolean isHealthy() {
        return get("/health", Duration.ofSeconds(2))
                .map(body -> body.replace(" ", "").contains("\"health\":\"true\""))
                .orElse(false);
    }

    /** The page at this path of the client port, if it answers 200 within the bound. */
    public Optional<String> get(String path, Duration bound) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(clientUrl() + path))
                .timeout(bound)
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    public boolean isAlive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    /** Whether there was a process ever. */
    public boolean hasRun() {
        return process != null;
    }

    /**
     * Of the last process.
     *
     * @throws IllegalStateException if there was none
     */
    public long pid() {
        return last().pid();
    }

    /** Of the last process; empty while it lives. A process that signal n ended has 128 + n. */
    public OptionalInt exitCode() {
        Process current = last();
        return current.isAlive() ? OptionalInt.empty() : OptionalInt.of(current.exitValue());
    }

    private Process last() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return current;
    }

    /** Completes when the present process ends, however it ends. */
    public CompletableFuture<Integer> onExit() {
        return last().onExit().thenApply(Process::exitValue);
    }

    /** {@code kill -9}; returns when the process is gone. Does nothing if none lives. */
    public void kill() {
        if (isAlive()) {
            last().destroyForcibly();
            int unused = awaitExit(KILL_BOUND);
        }
    }

    /**
     * Asks it to stop ({@code SIGTERM}) and waits.
     *
     * @return its exit code
     */
    public int stop(Duration bound) {
        last().destroy();
        return awaitExit(bound);
    }

    /** Asks it to stop and returns at once. Does nothing if no process lives. */
    public void beginStop() {
        if (isAlive()) {
            last().destroy();
        }
    }

    /**
     * Waits for the process to end.
     *
     * @return its exit code
     */
    public int awaitExit(Duration bound) {
        try {
            if (!last().waitFor(bound.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new Await.TooLateException("waited " + Text.seconds(bound.toNanos()) + " for " + name()
                        + " to end; its log ends:\n" + logTail());
            }
            return last().exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Await.TooLateException("interrupted while waiting for " + name() + " to end");
        }
    }

    /** Stops it in its tracks ({@code SIGSTOP}): it keeps its memory, its ports and its lock, and does nothing. */
    public void pause() {
        signal("STOP");
    }

    /** Lets it go on ({@code SIGCONT}). */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .redirectErrorStream(true)
                    .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("cannot send " + name + " to " + name() + ", process " + pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Await.TooLateException("interrupted while sending " + name + " to " + name());
        }
    }

    /** CPU time and memory of the living process. */
    public Optional<ProcessUse> use() {
        return isAlive() ? ProcessUse.of(pid()) : Optional.empty();
    }

    /** What the last process has printed so far. */
    public String log() {
        if (!Files.exists(spec.logFile)) {
            return "";
        }
        try (var channel = Files.newByteChannel(spec.logFile, StandardOpenOption.READ)) {
            channel.position(logStartBytes);
            return new String(
                    java.nio.channels.Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log of " + name(), e);
        }
    }

    /** The errors in the log of the last process, and its last lines. */
    private String logTail() {
        List<String> lines = log().lines().toList();
        int tail = Math.max(0, lines.size() - TAIL_LINES);
        List<String> telling = new ArrayList<>(lines.subList(0, tail).stream()
                .filter(line -> line.contains(" ERROR "))
                .toList());
        telling.addAll(lines.subList(tail, lines.size()));
        return String.join("\n", telling);
    }

    @Override
    public String toString() {
        return name();
    }
}
