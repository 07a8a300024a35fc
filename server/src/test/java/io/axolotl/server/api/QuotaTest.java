package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

    private Quota quota(long limitBytes) {
        return new Quota(new StoreReader(node::store), limitBytes, nanos::get);
    }

    private static Command.Txn nested(Command.Put put) {
        return new Command.Txn(List.of(), List.of(), List.of(put));
    }

    private static Command.Put put(int valueBytes) {
        return new Command.Put(new byte[] {'k'}, new byte[valueBytes], 0, false, false, false);
    }
}
