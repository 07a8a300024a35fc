package io.axolotl.server.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of a process, with the server's own configuration of it, as whoever holds the other end of the pipe sees it. */
@Timeout(120)
class ProcessLogTest {
    private final List<Process> started = new ArrayList<>();

    /** Logs as many lines as it is told to, then fails. */
    static final class Chatterbox {
        private Chatterbox() {}

        public static void main(String[] arguments) {
            Logger log = LoggerFactory.getLogger(Chatterbox.class);
            int lines = Integer.parseInt(arguments[0]);
            for (int i = 1; i <= lines; i++) {
                log.info("line {}", i);
            }
            FatalHandler.haltingProcess().fatal("the sync failed", new IllegalStateException("made by the test"));
        }
    }

    @AfterEach
    void close() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    @DisplayName("pitfall 54: who logs into a pipe that nobody reads is not held up, and can end the process")
    void aPipeThatNobodyReadsHoldsNobodyUp() throws Exception {
        Process process = start(50_000);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(FatalHandler.EXIT_CODE);
    }

    @Test
    void whatWasLoggedBeforeTheEndIsWrittenAndTheReasonComesLast() throws Exception {
        Process process = start(1_000);
        List<String> said = process.errorReader(StandardCharsets.UTF_8).lines().toList();
        assertThat(process.waitFor()).isEqualTo(FatalHandler.EXIT_CODE);
        assertThat(said).element(999).asString().endsWith("line 1000");
        assertThat(said).element(1_000).asString().endsWith("ERROR FatalHandler   this node stops: the sync failed");
        assertThat(said).element(1_001).asString().contains("made by the test");
        assertThat(said).anyMatch(line -> line.contains("\"main\""));
    }

    private Process start(int lines) throws IOException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Chatterbox.class.getName(),
                        Integer.toString(lines))
                .start();
        started.add(process);
        return process;
    }
}
