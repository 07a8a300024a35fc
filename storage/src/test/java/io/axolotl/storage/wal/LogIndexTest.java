package io.axolotl.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The index of the log")
class LogIndexTest {
    private static final int ENTRIES = 1_000_000;
    private static final long TWO_MIB = 2 << 20;

    @ParameterizedTest
    @ValueSource(ints = {32, 288, 4096, 100_000})
    void takesLessThanTwoMebibytesForAMillionEntriesOfAnySize(int recordBytes) {
        FaultyDisk disk = new FaultyDisk();
        Path path = Path.of("/0000000000000001.wal");
        disk.create(path);
        LogIndex index = new LogIndex(new WalSegment(SegmentFile.open(disk, 1, path), EntryId.ZERO));
        StagedIndex staged = new StagedIndex(EntryId.ZERO);
        for (int i = 1; i <= ENTRIES; i++) {
            staged.add(new EntryId(1 + i / 1000, i), new LogPosition(1, 512L + (long) recordBytes * i), recordBytes);
            if (i % 64 == 0) {
                index.publish(staged);
            }
        }
        index.publish(staged);
        assertThat(index.last().index()).isEqualTo(ENTRIES);
        assertThat(index.term(999)).isEqualTo(1);
        assertThat(index.term(1000)).isEqualTo(2);
        assertThat(index.tableBytes()).isLessThan(TWO_MIB);
    }
}
