package io.axolotl.storage.wal;

import static io.axolotl.storage.wal.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Readers beside the log writer")
class WalReadersTest {
    private static final WalOptions SMALL = new WalOptions(4096, 4096, 2);
    private static final Path FOLDER = Path.of("/wal");
    private static final int BATCHES = 2000;

    @Test
    @DisplayName("see right entries or learn that they are gone, while segments roll, retire and are recycled")
    void seeRightEntriesOrLearnThatTheyAreGone() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        Wal.create(disk, FOLDER, SMALL);
        Wal wal = Wal.open(disk, FOLDER, SMALL, EntryId.ZERO).wal();
        AtomicBoolean isDone = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Long> reader = threads.submit(() -> readUntil(isDone, wal));
            Future<?> helper = threads.submit(() -> {
                while (!isDone.get()) {
                    wal.prepareNextSegment();
                }
            });
            for (int i = 0; i < BATCHES; i++) {
                wal.append(entries(1, 1 + 10L * i, 10));
                wal.sync();
                wal.truncatePrefix(Math.max(0, wal.last().index() - 100));
            }
            isDone.set(true);
            assertThat(reader.get(1, TimeUnit.MINUTES)).isPositive();
            helper.get(1, TimeUnit.MINUTES);
        } finally {
            isDone.set(true);
            threads.shutdownNow();
        }
    }

    /** @return how many reads found entries */
    private static long readUntil(AtomicBoolean isDone, Wal wal) {
        Random random = new Random(1);
        long found = 0;
        boolean isLast = false;
        while (!isLast) {
            isLast = isDone.get();
            long first = wal.previous().index() + 1;
            long last = wal.last().index();
            if (first > last) {
                continue;
            }
            long from = first + random.nextLong(last - first + 1);
            try {
                assertThat(wal.entries(from, last + 1, 500))
                        .allSatisfy(entry -> assertThat(entry).isEqualTo(Entries.entry(1, entry.index())));
                found++;
            } catch (IllegalArgumentException e) {
                assertThat(from)
                        .as("was dropped meanwhile")
                        .isLessThanOrEqualTo(wal.previous().index());
            }
        }
        return found;
    }
}
