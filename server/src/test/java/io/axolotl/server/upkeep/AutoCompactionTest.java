package io.axolotl.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.upkeep.CompactionSettings.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract D, auto compaction: etcd's intervals, in minutes of a clock that the test turns. */
class AutoCompactionTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final long START = Long.MAX_VALUE - 100 * MINUTE;

    /** What is compacted when the revision is 100 at the start and grows by one each minute. */
    private static List<String> run(AutoCompaction rule, int minutes) {
        List<String> compactions = new ArrayList<>();
        for (int minute = 0; minute <= minutes; minute++) {
            long now = START + minute * MINUTE;
            long due = rule.due(now, 100 + minute);
            if (due != AutoCompaction.NOTHING) {
                compactions.add(minute + "m to " + due);
                rule.compacted(now, due);
            }
        }
        return compactions;
    }

    private static AutoCompaction periodic(long minutes) {
        return new CompactionSettings(Mode.PERIODIC, minutes * MINUTE).begin(START);
    }

    @Test
    @DisplayName("periodic, up to an hour: first after one window, then once in a window, to where it was a window ago")
    void aShortWindowIsKept() {
        assertThat(run(periodic(10), 40)).containsExactly("10m to 100", "20m to 109", "30m to 119", "40m to 129");
    }

    @Test
    @DisplayName("periodic, more than an hour: first after one window, then every hour")
    void aLongWindowIsCheckedEveryHour() {
        assertThat(run(periodic(180), 330)).containsExactly("180m to 100", "240m to 154", "300m to 214");
    }

    @Test
    @DisplayName("periodic: when nothing has changed nothing is compacted again")
    void aQuietStoreIsCompactedOnce() {
        AutoCompaction rule = periodic(10);
        List<Long> compacted = new ArrayList<>();
        for (int minute = 0; minute <= 60; minute++) {
            long due = rule.due(START + minute * MINUTE, 7);
            if (due != AutoCompaction.NOTHING) {
                compacted.add(due);
                rule.compacted(START + minute * MINUTE, due);
            }
        }
        assertThat(compacted).containsExactly(7L);
    }

    @Test
    @DisplayName("periodic: what could not be compacted is due again at the next look, a tenth of the interval later")
    void aFailureIsTriedAgain() {
        AutoCompaction rule = periodic(10);
        List<Integer> dueAt = new ArrayList<>();
        for (int minute = 0; minute <= 12; minute++) {
            if (rule.due(START + minute * MINUTE, 100 + minute) != AutoCompaction.NOTHING) {
                dueAt.add(minute);
            }
        }
        assertThat(dueAt).containsExactly(10, 11, 12);
    }

    @Test
    @DisplayName("revision: every five minutes, all but so many revisions")
    void aNumberOfRevisionsIsKept() {
        AutoCompaction rule = new CompactionSettings(Mode.REVISION, 103).begin(START);
        assertThat(run(rule, 16)).containsExactly("5m to 2", "10m to 7", "15m to 12");
    }

    @Test
    @DisplayName("revision: while there are not so many revisions nothing is due")
    void fewRevisionsAreAllKept() {
        assertThat(run(new CompactionSettings(Mode.REVISION, 1_000).begin(START), 60))
                .isEmpty();
    }

    @Test
    @DisplayName("a retention of 0 switches it off")
    void nothingIsCompactedByDefault() {
        assertThat(run(new CompactionSettings(Mode.PERIODIC, 0).begin(START), 600))
                .isEmpty();
        assertThat(run(new CompactionSettings(Mode.REVISION, 0).begin(START), 600))
                .isEmpty();
    }
}
