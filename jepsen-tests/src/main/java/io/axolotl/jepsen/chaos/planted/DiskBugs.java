package io.axolotl.jepsen.chaos.planted;

import io.axolotl.jepsen.front.DiskInFront;
import io.axolotl.jepsen.front.FileInFront;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Disks that do not keep what they say that they keep. Threads as the disk's. */
final class DiskBugs {
    private static final long BETWEEN_SYNCS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String LOG_FOLDER = "wal";

    private DiskBugs() {}

    /** The log is synced once in a second, whatever is acknowledged meanwhile. */
    static final class SyncsLogLate extends DiskInFront {
        private final LongSupplier clock;

        /** @param clock monotonic, in nanoseconds */
        SyncsLogLate(Disk disk, LongSupplier clock) {
            super(disk);
            this.clock = clock;
        }

        @Override
        public DiskFile create(Path file) {
            return late(file, disk.create(file));
        }

        @Override
        public DiskFile open(Path file) {
            return late(file, disk.open(file));
        }

        private DiskFile late(Path path, DiskFile file) {
            Path folder = path.getParent();
            return folder != null && folder.endsWith(LOG_FOLDER) ? new Late(file, clock) : file;
        }
    }

    private static final class Late extends FileInFront {
        private final LongSupplier clock;
        private @Nullable Long syncedNanos;

        Late(DiskFile file, LongSupplier clock) {
            super(file);
            this.clock = clock;
        }

        /** The first one, of what a file begins with, is done. */
        @Override
        public void sync() {
            long now = clock.getAsLong();
            if (syncedNanos == null || now - syncedNanos >= BETWEEN_SYNCS_NANOS) {
                file.sync();
                syncedNanos = now;
            }
        }
    }
}
