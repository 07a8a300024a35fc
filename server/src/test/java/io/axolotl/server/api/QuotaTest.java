package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class QuotaTest {
    private static final long LIMIT_BYTES = 1 << 20;

    private final FakeNode node = new FakeNode(Edge.MAX_REQUEST_BYTES);
    private final AtomicLong nanos = new AtomicLong();
    private final long storeBytes = node.store().sizeBytes();
    private final Quota quota = quota(LIMIT_BYTES);

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    @DisplayName("QU-1: a put costs 256 bytes, its key and its value; reaching the quota is too much")
    void theCostOfAPutIsEstimated() {
        int largest = (int) (LIMIT_BYTES - storeBytes - 256 - 1 - 1);

        assertThat(quota(LIMIT_BYTES).admits(put(largest + 1))).isFalse();
        assertThat(quota(LIMIT_BYTES).admits(put(largest))).isTrue();
    }

    @Test
    @DisplayName("QU-1: what was let through counts before the store has grown")
    void whatIsUnderWayCounts() {
        int admitted = 0;
        while (quota.admits(put(1000))) {
            admitted++;
        }
        assertThat(admitted).isEqualTo((int) ((LIMIT_BYTES - storeBytes - 1) / (256 + 1 + 1000)));
    }

    @Test
    void theStoreIsMeasuredAgainAfterAWhile() {
        while (quota.admits(put(1000))) {
            assertThat(quota.limitBytes()).isEqualTo(LIMIT_BYTES);
        }
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(201));
        assertThat(quota.admits(put(1000))).as("nothing of it was stored").isTrue();
    }

    @Test
    @DisplayName("QU-1: of a transaction the larger branch counts")
    void aTransactionCostsItsLargerBranch() {
        Command.Txn txn =
                new Command.Txn(List.of(), List.of(put(400_000)), List.of(put(400_000), nested(put(400_000))));

        assertThat(quota.admits(txn)).isTrue();
        assertThat(quota.admits(put(300_000))).isFalse();
        assertThat(quota.admits(new Command.Txn(List.of(), List.of(), List.of())))
                .isTrue();
    }

    @Test
    @DisplayName("QU-3: a negative quota is none")
    void aNegativeQuotaAdmitsEverything() {
        assertThat(quota(-1).admits(put(1 << 20))).isTrue();
    }

    @Test
    @DisplayName("QU-2: what a transaction without puts, a delete or a compaction may free is never refused here")
    void whatMayFreeSpaceIsAdmitted() {
        Quota none = quota(0);

        assertThat(none.admits(put(0))).isFalse();
        assertThat(none.admits(new Command.DeleteRange(new byte[] {'k'}, new byte[0], false)))
                .isTrue();
        assertThat(none.admits(new Command.Compact(1, false))).isTrue();
        assertThat(none.admits(new Command.Txn(
                        List.of(), List.of(new Command.DeleteRange(new byte[] {'k'}, new byte[0], false)), List.of())))
                .isTrue();
    }

    @Test
    @DisplayName("QU-2: a member whose own store has reached its quota raises NOSPACE, once, without being asked")
    void aFullStoreRaisesTheAlarm() {
        Quota full = quota(1);
        full.look();
        assertThat(node.store().alarms().all()).containsExactly(noSpace());
        int before = node.proposals.get();
        full.look();
        assertThat(node.proposals).hasValue(before);
        quota(LIMIT_BYTES).look();
        quota(-1).look();
        assertThat(node.proposals).hasValue(before);
    }

    @Test
    @DisplayName("QU-2: a raising that failed is tried again, and the caller is answered all the same")
    void aRaisingThatFailedIsTriedAgain() {
        AtomicInteger answered = new AtomicInteger();
        node.outcome = new ProposalResult.Refused(Failure.NO_LEADER);
        quota.raise(answered::incrementAndGet);
        node.outcome = null;
        assertThat(node.store().alarms().all()).isEmpty();
        quota.raise(answered::incrementAndGet);
        assertThat(node.store().alarms().all()).containsExactly(noSpace());
        quota.raise(answered::incrementAndGet);
        assertThat(answered).hasValue(3);
    }

    private static Alarm noSpace() {
        return new Alarm(FakeNode.SELF.value(), AlarmKind.NOSPACE);
    }

    private Quota quota(long limitBytes) {
        return new Quota(node, limitBytes, nanos::get);
    }

    private static Command.Txn nested(Command.Put put) {
        return new Command.Txn(List.of(), List.of(), List.of(put));
    }

    private static Command.Put put(int valueBytes) {
        return new Command.Put(new byte[] {'k'}, new byte[valueBytes], 0, false, false, false);
    }
}
