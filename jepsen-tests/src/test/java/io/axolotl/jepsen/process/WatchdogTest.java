package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchdogTest {
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** HUP, INT, QUIT and TERM, as the kernel shows them. */
    private static final long SIGNALS = 0x4007;

    private final List<Process> started = new ArrayList<>();

    /** Starts two processes that sleep, says their numbers, and ends when its input does. */
    static final class Tool {
        private Tool() {}

        public static void main(String[] args) throws IOException {
            for (int i = 0; i < 2; i++) {
                Process child = sleeper();
                Children.adopt(child);
                System.out.println(child.pid());
            }
            int unused = System.in.read();
        }
    }

    private static Process sleeper() throws IOException {
        return new ProcessBuilder("sleep", "1000")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Process kept(Process process) {
        started.add(process);
        return process;
    }

    private Process tool() throws IOException {
        return kept(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Tool.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Those of the tool, which live. */
    private static List<Long> children(Process tool) throws IOException {
        var said = tool.inputReader(StandardCharsets.UTF_8);
        List<Long> children = List.of(Long.parseLong(said.readLine()), Long.parseLong(said.readLine()));
        assertThat(children).noneMatch(WatchdogTest::isGone);
        return children;
    }

    /** Or is dead, and nobody has asked for its exit code. */
    private static boolean isGone(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            // It went while it was read.
            return String.valueOf(e.getMessage()).contains("No such process");
        }
    }

    private static void awaitGone(List<Long> children) {
        Await.fact("the children to be gone", BOUND, () -> children.stream().allMatch(WatchdogTest::isGone));
    }

    private static void tell(Process watchdog, String line) throws IOException {
        watchdog.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
        watchdog.getOutputStream().flush();
    }

    private static long ignored(Process process) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Process watchdog) {
        try {
            watchdog.getOutputStream().close();
            assertThat(watchdog.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @BeforeEach
    void requireProc() {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs Linux's /proc");
    }

    @AfterEach
    void endWhatWasStarted() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    @DisplayName("a tool that is killed with kill -9 leaves no process of its own")
    void nobodyOutlivesAToolThatIsKilled() throws Exception {
        Process tool = tool();
        List<Long> children = children(tool);
        int unused = tool.destroyForcibly().waitFor();
        awaitGone(children);
    }

    @Test
    @DisplayName("a tool that ends leaves none either, and nobody keeps its output open")
    void nobodyOutlivesAToolThatEnds() throws Exception {
        Process tool = tool();
        List<Long> children = children(tool);
        tool.getOutputStream().close();
        assertThat(tool.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        awaitGone(children);
        assertThat(tool.getInputStream().read()).isNegative();
    }

    @Test
    @DisplayName("who has the number of a process that was told, and was started at another time, is left alone")
    void onlyWhoWasToldIsKilled() throws Exception {
        Process stranger = kept(sleeper());
        Process child = kept(sleeper());
        Process watchdog = kept(Watchdog.start());
        tell(watchdog, Watchdog.line(stranger.pid(), Watchdog.started(stranger.pid()) + "1"));
        tell(watchdog, Watchdog.line(child.pid(), Watchdog.started(child.pid())));
        assertThat(child.isAlive()).isTrue();
        end(watchdog);
        assertThat(child.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(128 + 9);
        assertThat(stranger.isAlive()).isTrue();
    }

    @Test
    @DisplayName("signals to the whole foreground, as of Ctrl-C, do not end it before the tool has ended")
    void itOutlivesSignalsForTheTool() throws Exception {
        Process child = kept(sleeper());
        Process watchdog = kept(Watchdog.start());
        // One that comes sooner would come to a process that is not the watchdog yet.
        Await.fact("signals to be ignored", BOUND, () -> (ignored(watchdog) & SIGNALS) == SIGNALS);
        for (String signal : List.of("INT", "TERM", "HUP", "QUIT")) {
            Command.require(List.of("kill", "-" + signal, Long.toString(watchdog.pid())), "");
        }
        tell(watchdog, Watchdog.line(child.pid(), Watchdog.started(child.pid())));
        end(watchdog);
        assertThat(child.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
}
