package io.axolotl.client.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.FakeEtcd;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts only: how fast anything was is nothing that a test may judge. */
@Timeout(60)
final class OverloadMainTest {
    @Test
    void everyFactorIsMeasuredAfterThePeak() {
        try (FakeEtcd server = FakeEtcd.start(1)) {
            StringWriter out = new StringWriter();
            int exitCode = OverloadMain.run(
                    new String[] {
                        "--endpoints=" + server.endpoint(),
                        "--clients=2,4",
                        "--connections=2",
                        "--factors=0.1,0.2",
                        "--seconds=0.3",
                        "--warmup-seconds=0",
                        "--deadline-millis=5000"
                    },
                    new PrintWriter(out),
                    new PrintWriter(new StringWriter()));
            assertThat(exitCode).isZero();
            List<String> lines = out.toString().lines().toList();
            assertThat(lines).hasSize(6);
            assertThat(lines.get(2)).startsWith("| 2 at a time |");
            assertThat(lines.get(3)).startsWith("| 4 at a time |");
            assertThat(lines.get(4)).startsWith("| 0.1 x peak |");
            assertThat(lines.get(5)).startsWith("| 0.2 x peak |");
        }
    }

    @Test
    void aDeadEndpointIsNamed() {
        StringWriter err = new StringWriter();
        int exitCode = OverloadMain.run(
                new String[] {"--endpoints=127.0.0.1:" + LoopbackPorts.free(), "--seconds=0.1"},
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true));
        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString()).contains("does not answer");
    }

    @Test
    void filesOfTlsAreTakenAndAMistakeInThemIsOneOfTheCommandLine() {
        StringWriter err = new StringWriter();
        int exitCode = OverloadMain.run(
                new String[] {"--endpoints=https://127.0.0.1:1", "--cacert=/no/such/file"},
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true));
        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString()).contains("there is no file /no/such/file");
    }
}
