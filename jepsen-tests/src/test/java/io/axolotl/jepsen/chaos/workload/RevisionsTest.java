package io.axolotl.jepsen.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RevisionsTest {
    private static final long SECOND = 1_000_000_000L;

    private final Revisions revisions = new Revisions();

    @Test
    void tellsWhatWasNewestSomeTimeAgoAndNeverMore() {
        for (int second = 0; second <= 30; second++) {
            revisions.told(second * 10, second * SECOND);
        }
        revisions.told(7, 30 * SECOND);
        assertThat(revisions.newest()).isEqualTo(300);
        assertThat(revisions.asOf(15 * SECOND)).isEqualTo(150);
        assertThat(revisions.asOf(15 * SECOND + SECOND / 2)).isEqualTo(150);
    }

    @Test
    void ofATimeThatIsNotRememberedNothingIsKnown() {
        revisions.told(10, 5 * SECOND);
        assertThat(revisions.asOf(4 * SECOND)).isZero();
        revisions.told(20, 100 * SECOND);
        assertThat(revisions.asOf(6 * SECOND)).isZero();
    }
}
