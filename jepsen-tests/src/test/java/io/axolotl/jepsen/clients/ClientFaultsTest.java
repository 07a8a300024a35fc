package io.axolotl.jepsen.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.process.ServerJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One round of the campaign, on real processes. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ClientFaultsTest {
    @TempDir
    private Path folder;

    @Test
    @DisplayName(
            "pitfalls 51, 52, P1, P6, N1: over a kill, a pause, a cut and a change of leaders the client counts, watches and"
                    + " locks as if nothing had happened")
    void everyPromiseIsKept() throws Exception {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(ServerJvm.command(ClientFaultsMain.class.getName()));
        command.addAll(List.of("--minutes=0", "--hold-millis=1000", "--data-dir=" + folder.resolve("data")));
        Process campaign = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exitCode = campaign.waitFor();
        String text = Files.readString(output);
        assertThat(exitCode).as(text).isZero();
        assertThat(text).contains("every promise was kept").contains("kill=1", "pause=1", "move=1", " 0 unknown");
    }
}
