package io.axolotl.jepsen.chaos.planted;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DiskBugsTest {
    private static final Path LOG = Path.of("/wal");
    private static final Path OTHER = Path.of("/other");

    private final FaultyDisk real = new FaultyDisk();
    private final AtomicLong clock = new AtomicLong();
    private final Disk bent = new DiskBugs.SyncsLogLate(real, clock::get);

    private DiskFile make(Path folder) {
        real.createDirectories(folder);
        DiskFile file = bent.create(folder.resolve("file"));
        bent.syncDirectory(folder);
        return file;
    }

    private static void append(DiskFile file) {
        file.write(ByteBuffer.wrap(new byte[100]), file.size());
        file.sync();
    }

    private long left(Path folder) {
        try (DiskFile file = real.open(folder.resolve("file"))) {
            return file.size();
        }
    }

    @Test
    @DisplayName(
            "synced-late: of the log a power cut takes what was synced within a second of the last that was, of other files nothing")
    void aPowerCutTakesWhatWasAcknowledged() {
        DiskFile log = make(LOG);
        DiskFile other = make(OTHER);
        append(log);
        append(other);
        clock.addAndGet(Duration.ofMillis(1_100).toNanos());
        append(log);
        append(other);
        clock.addAndGet(Duration.ofMillis(900).toNanos());
        append(log);
        append(other);
        real.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(left(LOG)).isEqualTo(200);
        assertThat(left(OTHER)).isEqualTo(300);
    }
}
