package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RetryPauseTest {
    private final RetryPause pause = new RetryPause();

    @Test
    @DisplayName("pitfall 44: transfers that carry nothing are tried ever less often")
    void failuresInARowAreTriedEverLessOften() {
        long before = 0;
        for (int i = 0; i < 20; i++) {
            long next = pause.failed(0);
            assertThat(next).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(RetryPause.LONGEST_NANOS);
            before = next;
        }
        assertThat(before).isEqualTo(RetryPause.LONGEST_NANOS);
    }

    @Test
    @DisplayName(
            "pitfall 44: a transfer that broke off after it had carried something goes on soon, and so does one after a success")
    void progressAndSuccessShortenThePause() {
        for (int i = 0; i < 20; i++) {
            pause.failed(0);
        }
        assertThat(pause.failed(1)).isEqualTo(RetryPause.SHORTEST_NANOS);
        for (int i = 0; i < 20; i++) {
            pause.failed(0);
        }
        pause.succeeded();
        assertThat(pause.failed(0)).isEqualTo(RetryPause.SHORTEST_NANOS);
    }
}
