package io.axolotl.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Open-loop writes overlap: their outcomes come in any order. */
class LedgerTest {
    private final Ledger ledger = new Ledger("t/", 1);

    private static UniqueWrite write(int sequence) {
        return new UniqueWrite("t/", 0, sequence);
    }

    @Test
    void outcomesMayComeInAnyOrder() {
        ledger.acknowledge(write(5_000), 70);
        ledger.acknowledge(write(1), 60);
        ledger.leaveUnknown(write(2));
        assertThat(ledger.count(0)).isEqualTo(5_001);
        assertThat(ledger.outcome(0, 5_000)).isEqualTo(70);
        assertThat(ledger.outcome(0, 1)).isEqualTo(60);
        assertThat(ledger.outcome(0, 2)).isEqualTo(Ledger.UNKNOWN);
        assertThat(ledger.outcome(0, 3)).isEqualTo(Ledger.UNKNOWN);
    }
}
