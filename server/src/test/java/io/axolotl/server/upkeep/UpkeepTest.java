package io.axolotl.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.api.Edge;
import io.axolotl.server.api.FakeNode;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.upkeep.CompactionSettings.Mode;
import io.axolotl.storage.command.Command;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UpkeepTest {
    private final FakeNode node = new FakeNode(Edge.MAX_REQUEST_BYTES);
    private final AtomicInteger looks = new AtomicInteger();
    private long nowNanos;
    private final Upkeep upkeep =
            new Upkeep(node, looks::incrementAndGet, new CompactionSettings(Mode.REVISION, 2), () -> nowNanos);

    @AfterEach
    void close() {
        node.close();
    }

    private void put(int count) {
        for (int i = 0; i < count; i++) {
            node.propose(new Command.Put(new byte[] {'k'}, new byte[0], 0, false, false, false), result -> {});
        }
    }

    private void passMinutes(int minutes) {
        nowNanos += TimeUnit.MINUTES.toNanos(minutes);
        upkeep.runOnce();
    }

    @Test
    @DisplayName("the leader compacts by a command, once per interval")
    void theLeaderCompacts() {
        put(9);
        passMinutes(5);
        assertThat(node.store().compactRevision()).isEqualTo(8);
        put(10);
        passMinutes(4);
        assertThat(node.store().compactRevision()).isEqualTo(8);
        passMinutes(1);
        assertThat(node.store().compactRevision()).isEqualTo(18);
    }

    @Test
    @DisplayName("a member that does not lead compacts nothing")
    void followersLeaveItToTheLeader() {
        put(9);
        node.leader = FakeNode.OTHER;
        passMinutes(5);
        assertThat(node.store().compactRevision()).isEqualTo(-1);
        node.leader = FakeNode.SELF;
        passMinutes(5);
        assertThat(node.store().compactRevision()).isEqualTo(8);
    }

    @Test
    @DisplayName("a compaction that failed is tried again, and one that a client was faster with is not")
    void failuresAreTriedAgain() {
        put(9);
        node.outcome = new ProposalResult.Refused(Failure.TOO_MANY_REQUESTS);
        passMinutes(5);
        node.outcome = null;
        assertThat(node.store().compactRevision()).isEqualTo(-1);
        passMinutes(5);
        assertThat(node.store().compactRevision()).isEqualTo(8);
        put(1);
        node.propose(new Command.Compact(10, false), result -> {});
        passMinutes(5);
        int proposals = node.proposals.get();
        passMinutes(5);
        assertThat(node.proposals).as("nothing new since").hasValue(proposals);
    }

    @Test
    @DisplayName("QU-2: the quota is looked at twice a second, on every member")
    void theQuotaIsLookedAt() {
        node.leader = FakeNode.OTHER;
        upkeep.runOnce();
        upkeep.runOnce();
        assertThat(looks).hasValue(1);
        nowNanos += upkeep.maxParkNanos();
        upkeep.runOnce();
        assertThat(looks).hasValue(2);
    }

    @Test
    @DisplayName("a store that is closed while a snapshot takes its place holds nothing up")
    void aStoreThatIsReplacedIsPassedOver() {
        put(9);
        node.replaceStoreAtEveryLook();
        passMinutes(5);
        passMinutes(1);
        assertThat(node.proposals).hasValueGreaterThanOrEqualTo(10);
    }
}
