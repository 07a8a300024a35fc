package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.SyntheticRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ChaosReportTest {
    @Test
    void draft() {
        SyntheticRun run = SyntheticRun.threeMinutes();
        ChaosReport.write(run.record(), run.calls(8), Path.of("/tmp/chaosreport/" + run.record().id()));
    }
}
