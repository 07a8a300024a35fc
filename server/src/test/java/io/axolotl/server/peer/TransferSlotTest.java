package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TransferSlotTest {
    private final TransferSlot slot = new TransferSlot();

    @Test
    void oneTransferAtATime() {
        assertThat(slot.take(5)).isTrue();
        assertThat(slot.take(5)).isFalse();
        assertThat(slot.free()).as("the same offer again is no other").isFalse();
        assertThat(slot.take(5)).isTrue();
    }

    @Test
    @DisplayName("pitfall 44: an offer of a newer snapshot during a transfer is not forgotten")
    void newerOfferDuringATransferIsRemembered() {
        slot.take(5);
        slot.take(9);
        slot.take(7);
        assertThat(slot.free()).isTrue();
        slot.take(9);
        assertThat(slot.free()).as("once").isFalse();
    }

    @Test
    void offerOfWhatIsCarriedAlreadyAsksForNothing() {
        slot.take(5);
        slot.carries(9);
        slot.take(9);
        assertThat(slot.free()).isFalse();
    }
}
