package io.axolotl.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.testing.ScenarioCluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RaftLogTest {
    private static RaftLog log(String entries, long commitIndex) {
        return new RaftLog(ScenarioCluster.disk(ScenarioCluster.voters("A"), entries), commitIndex, 1 << 20, 1 << 20);
    }

    private static LogSlice slice(EntryId previous, String entries) {
        return new LogSlice(previous, ScenarioCluster.entries(entries));
    }

    @Test
    @DisplayName("pitfall 12: what is committed is never cut, and the log is left as it was")
    void committedEntriesAreNeverCut() {
        RaftLog log = log("1.1 1.2 1.3", 2);
        assertThatThrownBy(() -> log.adopt(slice(new EntryId(1, 1), "2.2")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("2.2")
                .hasMessageContaining("1.2");
        assertThat(log.last()).isEqualTo(new EntryId(1, 3));
        log.adopt(slice(new EntryId(1, 2), "2.3"));
        assertThat(log.last()).isEqualTo(new EntryId(2, 3));
    }

    @Test
    void sliceThatDoesNotMeetTheLogIsRefused() {
        assertThatThrownBy(() -> log("1.1", 0).adopt(slice(new EntryId(1, 2), "1.3")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyWhatIsInTheLogIsCommitted() {
        assertThatThrownBy(() -> log("1.1", 0).commitTo(2)).isInstanceOf(AssertionError.class);
    }

    @Test
    void gapsAndFallingTermsAreNotAppended() {
        RaftLog log = log("2.1", 0);
        for (String wrong : List.of("2.3", "1.2", "2.1")) {
            assertThatThrownBy(() -> log.append(ScenarioCluster.entries(wrong).get(0)))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    @DisplayName("pitfall 46: only what is committed and durable may leave the log's front")
    void unsettledEntriesStay() {
        RaftLog log = log("1.1 1.2", 1);
        assertThatThrownBy(() -> log.truncatePrefix(2)).isInstanceOf(IllegalArgumentException.class);
        log.append(ScenarioCluster.entries("1.3").get(0));
        log.commitTo(3);
        assertThatThrownBy(() -> log.truncatePrefix(3)).isInstanceOf(IllegalArgumentException.class);
        log.truncatePrefix(2);
        assertThat(log.previous()).isEqualTo(new EntryId(1, 2));
        assertThat(log.term(2)).as("pitfall 40: the border keeps its term").isEqualTo(1);
        assertThatThrownBy(() -> log.term(1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Remembers what was read through it. */
    private static final class NotingReader implements LogReader {
        private final LogReader disk;
        final List<Long> readFrom = new ArrayList<>();

        NotingReader(LogReader disk) {
            this.disk = disk;
        }

        @Override
        public EntryId previous() {
            return disk.previous();
        }

        @Override
        public EntryId last() {
            return disk.last();
        }

        @Override
        public long term(long index) {
            return disk.term(index);
        }

        @Override
        public List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes) {
            readFrom.add(fromIndex);
            return List.of(entry(fromIndex));
        }

        @Override
        public List<Entry> membershipEntries() {
            return disk.membershipEntries();
        }
    }

    private static Entry entry(long index) {
        return ScenarioCluster.entries("1." + index).get(0);
    }

    @Test
    @DisplayName("pitfall 62: as much of what is committed and durable stays in memory as was allowed, and no more")
    void theCacheIsAsLargeAsItMayBe() {
        NotingReader reader = new NotingReader(ScenarioCluster.disk(ScenarioCluster.voters("A"), ""));
        RaftLog log = new RaftLog(reader, 0, 3L * entry(1).sizeBytes(), 1 << 20);
        for (int i = 1; i <= 6; i++) {
            log.append(entry(i));
        }
        log.takeUnpersisted();
        log.persisted(0, new EntryId(1, 5));
        log.commitTo(2);
        log.commitTo(6);
        for (int i = 1; i <= 6; i++) {
            log.entries(i, i, 1, 1 << 20);
        }
        assertThat(reader.readFrom)
                .as("5 is the last that is durable too, and 3 to 5 fit")
                .containsExactly(1L, 2L);
    }

    @Test
    void whatJustFitsIsReadAtOnce() {
        long two = 2L * entry(1).sizeBytes();
        RaftLog log = log("1.1 1.2 1.3", 0);
        assertThat(log.entries(1, 3, 10, two)).as("from the disk").hasSize(2);
        assertThat(log.entries(1, 3, 10, 1)).as("never nothing").hasSize(1);
        for (int i = 4; i <= 6; i++) {
            log.append(entry(i));
        }
        assertThat(log.entries(4, 6, 10, two)).as("from memory").hasSize(2);
        assertThat(log.entries(4, 6, 10, 1)).as("never nothing").hasSize(1);
    }

    @Test
    @DisplayName("pitfall 40: the border's term is known, but there is no entry at it any more")
    void theBorderIsNoEntry() {
        RaftLog log = log("1.1 1.2", 2);
        log.truncatePrefix(1);
        assertThatThrownBy(() -> log.entries(1, 2, 10, 1 << 20)).isInstanceOf(IllegalArgumentException.class);
        assertThat(log.entries(2, 2, 10, 1 << 20)).hasSize(1);
    }

    @Test
    @DisplayName("pitfall 15: no two logs that a node has had share an epoch")
    void epochsRise() {
        RaftLog log = log("1.1 1.2", 1);
        log.adopt(slice(new EntryId(1, 1), "2.2"));
        assertThat(log.epoch()).isEqualTo(1);
        log.reset(new EntryId(2, 5));
        assertThat(log.epoch()).isEqualTo(2);
    }

    @Test
    void snapshotOfJustWhatIsCommittedTakesNothingBack() {
        RaftLog log = log("1.1 1.2", 2);
        log.reset(new EntryId(1, 2));
        assertThat(log.previous()).isEqualTo(new EntryId(1, 2));
    }

    @Test
    @DisplayName("pitfall 41: a snapshot never takes back what is committed")
    void resetNeverGoesBack() {
        assertThatThrownBy(() -> log("1.1 1.2", 2).reset(new EntryId(1, 1))).isInstanceOf(AssertionError.class);
    }

    @Test
    void slicesAreWellFormed() {
        assertThatThrownBy(() -> slice(EntryId.ZERO, "1.2")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> slice(new EntryId(3, 1), "2.2")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> slice(EntryId.ZERO, "1.1 1.3")).isInstanceOf(IllegalArgumentException.class);
        LogSlice slice = slice(new EntryId(1, 1), "1.2 2.3");
        assertThat(slice.last()).isEqualTo(new EntryId(2, 3));
        assertThat(slice.after(2).previous()).isEqualTo(new EntryId(1, 2));
        assertThat(slice.after(3).entries()).isEmpty();
        assertThat(slice.after(1)).isSameAs(slice);
        assertThatThrownBy(() -> slice.after(4)).isInstanceOf(IllegalArgumentException.class);
    }
}
