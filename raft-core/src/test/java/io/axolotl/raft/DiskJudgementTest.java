package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a disk is slow and when it hangs (pitfall 25). */
class DiskJudgementTest {
    private static final long MILLI = 1_000_000L;

    private final DiskJudgement disk = new DiskJudgement();
    private long nowNanos;

    private void syncs(int count, long millis) {
        for (int i = 0; i < count; i++) {
            nowNanos += millis * MILLI;
            disk.completed(millis * MILLI, nowNanos);
        }
    }

    private boolean isSlow() {
        return disk.isSlow(nowNanos);
    }

    @Test
    @DisplayName("pitfall 25: two syncs of half a second more than usual are proof enough")
    void twoSlowSyncsAreProof() {
        syncs(1_000, 2);
        syncs(1, 502);
        assertThat(isSlow()).isFalse();
        syncs(1, 502);
        assertThat(isSlow()).isTrue();
    }

    @Test
    @DisplayName("pitfall 25: the second slow sync does not have to be waited for")
    void aRunningSyncCounts() {
        syncs(1_000, 2);
        syncs(1, 502);
        disk.running(299 * MILLI, nowNanos);
        assertThat(isSlow()).isFalse();
        disk.running(301 * MILLI, nowNanos);
        assertThat(isSlow()).isTrue();
        assertThat(disk.isHung()).isFalse();
    }

    @Test
    @DisplayName("one outlier is no slow disk, however often it comes, while good syncs lie between")
    void outliersAreForgiven() {
        for (int i = 0; i < 200; i++) {
            syncs(20, 5);
            syncs(1, 700);
            assertThat(isSlow()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {20, 100, 200, 290})
    @DisplayName("a disk that always takes up to 290 ms is what the node has")
    void asUsualIsNotSlow(long millis) {
        syncs(2_000, millis);
        assertThat(isSlow()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("a busy machine whose syncs take from 1 to 250 ms, in bursts, is never judged slow")
    void busyMachinesAreForgiven(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            long most = random.nextInt(50) == 0 ? 250 : 40;
            syncs(1, 1 + random.nextInt((int) most));
            assertThat(isSlow()).isFalse();
        }
    }

    @Test
    @DisplayName("what stays slow becomes usual after a while")
    void slowBecomesUsual() {
        syncs(1_000, 2);
        syncs(2, 500);
        assertThat(isSlow()).isTrue();
        syncs(120, 500);
        assertThat(isSlow()).isFalse();
    }

    @Test
    @DisplayName("slowness is remembered for ten seconds, so that a slow node does not win leadership straight back")
    void slownessIsRemembered() {
        syncs(1_000, 2);
        syncs(2, 500);
        syncs(4_000, 2);
        assertThat(isSlow()).isTrue();
        syncs(1_100, 2);
        assertThat(isSlow()).isFalse();
    }

    @Test
    @DisplayName("pitfall 25: a sync that has not come back after a second and a half hangs, until it does come back")
    void aHangIsSeenWhileItLasts() {
        syncs(1_000, 2);
        disk.running(1_499 * MILLI, nowNanos);
        assertThat(disk.isHung()).isFalse();
        disk.running(1_500 * MILLI, nowNanos);
        assertThat(disk.isHung()).isTrue();
        assertThat(isSlow()).isTrue();
        syncs(1, 1_600);
        assertThat(disk.isHung()).isFalse();
    }
}
