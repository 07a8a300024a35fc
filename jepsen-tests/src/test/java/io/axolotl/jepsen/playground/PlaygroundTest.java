package io.axolotl.jepsen.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ServerJvm;
import io.axolotl.jepsen.process.Target;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The playground as a person meets it: a process with a terminal's input and output. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PlaygroundTest {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final Pattern PROCESS = Pattern.compile("process (\\d+)");

    @TempDir
    private Path temp;

    /** An offset at which the ports of a playground of one are free. */
    private static int freeOffset() {
        while (true) {
            int offset = LoopbackPorts.free() - 2379;
            if (LoopbackPorts.isFree(2379 + offset) && LoopbackPorts.isFree(2380 + offset)) {
                return offset;
            }
        }
    }

    /** As {@link #freeOffset}, for the ports of three. */
    private static int freeOffsetOfThree() {
        for (int offset = 3_000; offset < 13_000; offset += 7) {
            int first = 2379 + offset;
            if (IntStream.of(0, 20_000, 30_000)
                    .allMatch(step -> LoopbackPorts.isFree(first + step) && LoopbackPorts.isFree(first + 1 + step))) {
                return offset;
            }
        }
        throw new AssertionError("no six ports are free");
    }

    private Process playground(Path output, int offset, String... more) throws IOException {
        List<String> command = new ArrayList<>(ServerJvm.command("io.axolotl.jepsen.playground.PlaygroundMain"));
        command.addAll(List.of("--port-offset=" + offset, "--target=" + Target.chosen()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static void awaitText(Path output, Process process, String text) {
        Await.fact("the playground to say: " + text, BOUND, () -> {
            String soFar = read(output);
            assertThat(process.isAlive() || soFar.contains(text)).as(soFar).isTrue();
            return soFar.contains(text);
        });
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void threeNodesAreKilledAndStartedByCommandAndStoppedByCtrlC() throws Exception {
        int offset = freeOffsetOfThree();
        Path data = temp.resolve("data");
        Path output = temp.resolve("output.txt");
        Process process = playground(output, offset, "--data-dir=" + data);
        try (BufferedWriter input = process.outputWriter();
                AxolotlClient client = AxolotlClient.builder()
                        .endpoints("http://127.0.0.1:" + (2379 + offset))
                        .requestTimeout(BOUND)
                        .build()) {
            awaitText(output, process, "Ctrl-C stops everything.");
            assertThat(read(output))
                    .containsPattern("n[123] leads")
                    .contains("./axolotl ctl --endpoints 127.0.0.1:" + (2379 + offset));
            client.kv().put("greeting", "hello").await();

            type(input, "kill n1");
            awaitText(output, process, "Bring it back: start n1");
            type(input, "start n1");
            awaitText(output, process, "n1 is back");
            assertThat(client.kv()
                            .get("greeting")
                            .await()
                            .first()
                            .orElseThrow()
                            .value()
                            .utf8())
                    .isEqualTo("hello");

            List<Long> nodes = livingProcesses(read(output));
            assertThat(nodes).as("members that run, by what it says").hasSize(3);
            assertThat(new ProcessBuilder("kill", "-" + stopSignal(), Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(read(output)).contains("Stopped. The data is in " + data);
            assertThat(livingProcesses(read(output))).as("the nodes' processes").isEmpty();
            for (String name : List.of("n1", "n2", "n3")) {
                assertThat(data.resolve(name)).isNotEmptyDirectory();
            }
        } finally {
            process.destroy();
        }
    }

    /**
     * What Ctrl-C sends. Where this JVM was started in the background of a script, the shell has told it and all its
     * children to ignore that; a Java process obeys, so the other signal that asks for an orderly end is sent.
     */
    private static String stopSignal() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return "INT";
        }
        String ignored = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).trim())
                .findFirst()
                .orElse("0");
        boolean isIntIgnored = (Long.parseUnsignedLong(ignored, 16) & 1L << (2 - 1)) != 0;
        return isIntIgnored ? "TERM" : "INT";
    }

    private static void type(BufferedWriter input, String command) throws IOException {
        input.write(command + "\n");
        input.flush();
    }

    private static List<Long> livingProcesses(String output) {
        return PROCESS.matcher(output)
                .results()
                .map(process -> Long.parseLong(process.group(1)))
                .distinct()
                .filter(id -> ProcessHandle.of(id).isPresent())
                .toList();
    }

    @Test
    void busyPortIsNamedBeforeAnythingStarts() throws Exception {
        int offset = freeOffset();
        try (ServerSocket taken = new ServerSocket(2379 + offset, 1, InetAddress.getLoopbackAddress())) {
            Path output = temp.resolve("busy.txt");
            Process process = playground(output, offset, "--nodes=1");
            process.outputWriter().close();
            assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(read(output))
                    .contains("port " + taken.getLocalPort() + " is in use")
                    .contains("--port-offset")
                    .doesNotContain("Starting");
        }
    }

    @Test
    void evenNumberOfNodesIsRefused() throws Exception {
        Path output = temp.resolve("even.txt");
        Process process = playground(output, 0, "--nodes=2");
        process.outputWriter().close();
        assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(read(output)).contains("--nodes");
    }
}
