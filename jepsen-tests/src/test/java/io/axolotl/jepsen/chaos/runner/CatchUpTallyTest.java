package io.axolotl.jepsen.chaos.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.process.MetricsPage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CatchUpTallyTest {
    private static MetricsPage page(int snapshots, int snapshotBytes, int fromOne, int fromOther) {
        return MetricsPage.parse(String.join(
                "\n",
                "# HELP etcd_network_peer_received_bytes_total Bytes received from a peer.",
                "etcd_network_snapshot_receive_success{From=\"1\"} " + snapshots,
                "axolotl_snapshot_receive_bytes_total{From=\"1\"} " + snapshotBytes,
                "etcd_network_peer_received_bytes_total{From=\"1\"} " + fromOne,
                "etcd_network_peer_received_bytes_total{From=\"2\"} " + fromOther));
    }

    @Test
    @DisplayName("a new process has got by its log all that it counts")
    void ofANewProcess() {
        assertThat(new CatchUpTally().since(page(0, 0, 800, 30))).isEqualTo(new CatchUpTally.Told(false, 0, 830));
    }

    @Test
    @DisplayName("who fell behind and lives has got what it counts beyond what it had beside the others")
    void ofALivingProcess() {
        CatchUpTally tally = new CatchUpTally();
        CatchUpTally.Told unused = tally.since(page(1, 5_000, 800, 30));

        assertThat(tally.since(page(1, 5_000, 900, 35))).isEqualTo(new CatchUpTally.Told(false, 0, 105));
    }

    @Test
    @DisplayName("a snapshot counts once, with its bytes")
    void ofASnapshot() {
        CatchUpTally tally = new CatchUpTally();

        assertThat(tally.since(page(1, 5_000, 800, 30))).isEqualTo(new CatchUpTally.Told(true, 5_000, 830));
        assertThat(tally.since(page(1, 5_000, 810, 30))).isEqualTo(new CatchUpTally.Told(false, 0, 10));
    }

    @Test
    @DisplayName("a page of a process that is newer than the tally tells of nothing less than nothing")
    void ofAProcessThatIsNewer() {
        CatchUpTally tally = new CatchUpTally();
        CatchUpTally.Told unused = tally.since(page(1, 5_000, 800, 30));

        assertThat(tally.since(page(0, 0, 20, 0))).isEqualTo(new CatchUpTally.Told(false, 0, 0));
    }
}
