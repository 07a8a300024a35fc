package io.axolotl.jepsen.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.server.recovery.RecoveryRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo reads what the server writes: the format is taken from the server itself. */
class NodeRecoveryTest {
    private static RecoveryRecord record(double millis) {
        long nanos = (long) (millis * 1e6);
        return new RecoveryRecord(
                        false,
                        List.of(
                                new RecoveryRecord.Step("lock the data folder", nanos, ""),
                                new RecoveryRecord.Step("scan the log", 2 * nanos, "7 entries, 1.234 bytes")),
                        new EntryId(1, 3),
                        null,
                        new EntryId(1, 10),
                        7,
                        1234,
                        0,
                        false,
                        null)
                .with(new RecoveryRecord.CatchUp(5_000_000, 12, null));
    }

    @Test
    void stepsOfTheLastRecordAreRead() {
        String log = "12:00:00 INFO " + record(9).toText() + "\n12:00:01 INFO something 3. else\n12:00:02 INFO "
                + record(1.5).toText() + "\n12:00:03 INFO ready\n";
        assertThat(NodeRecovery.steps(log))
                .containsExactly(
                        new NodeRecovery.Step("lock the data folder", 1.5, ""),
                        new NodeRecovery.Step("scan the log", 3.0, "7 entries, 1.234 bytes"),
                        new NodeRecovery.Step("catch up with the others", 5.0, "12 entries from the log"));
    }

    @Test
    void serverWithoutARecordHasNoSteps() {
        assertThat(NodeRecovery.steps("raft2026/11/21 INFO: 1. newRaft ms\n")).isEmpty();
    }
}
