package io.axolotl.jepsen.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Enclosure;
import io.axolotl.jepsen.process.ServerJvm;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself, on real processes. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class FailoverTest {
    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(ServerJvm.command(FailoverMain.class.getName()));
        command.add("--report-dir=" + folder.resolve("report"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    /** Living processes that were told to keep their data under our folder. Java's own list drops long command lines. */
    private long servers() {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains("--data-dir=" + folder))
                .count();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "it is gone";
        }
    }

    @Test
    @DisplayName(
            "N1: a leader that is cut off is replaced, nothing is lost or stale, and it comes back when the network is whole")
    void cutLeaderIsReplacedAndComesBack() throws Exception {
        assumeTrue(Enclosure.obstacle().isEmpty(), "needs network namespaces");
        Process campaign = start(
                "--systems=" + Target.chosen(),
                "--faults=cut",
                "--timeouts=100/1000",
                "--repeats=1",
                // The first seconds of servers that have just started are slow: what is not warm does not count.
                "--warm-up-seconds=4");
        assertThat(campaign.waitFor())
                .as(Files.readString(folder.resolve("output")))
                .isZero();
        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("report/report.json")))
                .getAsJsonObject();
        JsonObject series = json.getAsJsonArray("series").get(0).getAsJsonObject();
        assertThat(series.getAsJsonArray("repetitions")).hasSize(1);
        JsonObject repetition = series.getAsJsonArray("repetitions").get(0).getAsJsonObject();
        // Were the leader not cut off, nobody else would lead: no other member has been asked to.
        assertThat(repetition.get("newLeaderMillis").getAsDouble()).isPositive();
        assertThat(repetition.get("servesMillis").getAsDouble()).isPositive();
        assertThat(folder.resolve("report/data")).doesNotExist();
        assertThat(servers()).isZero();
    }

    @Test
    @DisplayName("kill -9 of the harness leaves no server behind")
    void killOfTheHarnessLeavesNoServerBehind() throws Exception {
        assumeTrue(Enclosure.obstacle().isEmpty(), "needs process number namespaces");
        Process campaign = start("--systems=" + Target.chosen(), "--faults=none", "--warm-up-seconds=60");
        try {
            Await.fact("three servers", BOUND, () -> servers() == Series.NODES);
        } finally {
            campaign.destroyForcibly();
        }
        Await.fact("no server to be left", BOUND, () -> servers() == 0);
    }
}
