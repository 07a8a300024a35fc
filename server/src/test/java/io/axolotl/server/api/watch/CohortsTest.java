package io.axolotl.server.api.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.WatchCreateRequest;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whose turn it is among those that are behind. */
class CohortsTest {
    private final WatchBench bench = new WatchBench();
    private final Cohorts cohorts = new Cohorts();
    private long ids;

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    @DisplayName("A5: one with a long way to go takes turns with those that have nearly arrived")
    void eachGetsItsTurn() {
        add(1);
        add(500);
        add(900);

        assertThat(step(100)).isEqualTo(1);
        assertThat(step(100)).isEqualTo(500);
        assertThat(step(50)).isEqualTo(900);
        assertThat(step(100)).isEqualTo(101);
        assertThat(step(100)).isEqualTo(600);
        assertThat(step(100)).isEqualTo(950);
    }

    @Test
    @DisplayName("those that meet go on together, and at once")
    void whoMeetsGoesOnTogether() {
        add(1);
        add(1);
        add(5);
        add(9);

        assertThat(cohorts.following(1)).isEqualTo(5);
        assertThat(step(4)).isEqualTo(1);
        assertThat(cohorts.count()).isEqualTo(2);
        WatcherGroup met = Objects.requireNonNull(cohorts.take());
        assertThat(met.next()).isEqualTo(5);
        assertThat(met.size()).isEqualTo(3);
        assertThat(met.members()).allMatch(watcher -> watcher.next() == 5);
        cohorts.giveBack(met, 9);
        assertThat(cohorts.count()).isEqualTo(1);
        assertThat(cohorts.size()).isEqualTo(4);
    }

    @Test
    void whoLeavesIsNotMissed() {
        Watcher one = add(3);
        Watcher other = add(3);
        cohorts.remove(one);
        assertThat(cohorts.count()).isEqualTo(1);
        cohorts.remove(other);
        assertThat(cohorts.count()).isZero();
        assertThat(cohorts.take()).isNull();
        assertThat(cohorts.following(0)).isEqualTo(Long.MAX_VALUE);
    }

    private Watcher add(long next) {
        Watcher watcher = new Watcher(
                new WatchStream(bench.hub, new FakeOutput(), false, WatchRight.EVERYTHING),
                ids++,
                KeySpan.of(WatchBench.bytes("k"), WatchBench.bytes("")),
                WatchRight.Standing.FOREVER,
                WatchCreateRequest.getDefaultInstance(),
                next);
        watcher.isNow(Watcher.Place.BEHIND);
        cohorts.add(watcher);
        return watcher;
    }

    /** Lets the cohort whose turn it is read so many revisions. */
    private long step(long revisions) {
        WatcherGroup cohort = Objects.requireNonNull(cohorts.take());
        long from = cohort.next();
        cohorts.giveBack(cohort, from + revisions);
        return from;
    }
}
