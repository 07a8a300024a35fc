package io.axolotl.benchmarks;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one batch of entries of 256 B costs the write-ahead log on a real disk: append and sync. Time is per batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "-Xmx512m")
public class WalBenchmark {
    private static final int PAYLOAD_BYTES = 256;
    /** Entries that are kept before the oldest segments are dropped. */
    private static final int KEPT_ENTRIES = 100_000;

    /** Entries per batch. */
    @Param({"1", "16", "128", "1024"})
    public int batch;

    private final byte[] payload = new byte[PAYLOAD_BYTES];
    private final ScheduledExecutorService helper = Executors.newSingleThreadScheduledExecutor();
    private Path folder = Path.of("");
    private @Nullable Wal wal;
    private long lastIndex;
    private long cutIndex;

    /** Opens an empty log. */
    @Setup
    public void open() throws IOException {
        new SplittableRandom(1).nextBytes(payload);
        Path parent = Path.of(System.getProperty("axolotl.bench.folder", "")).toAbsolutePath();
        folder = Files.createTempDirectory(parent, "wal-benchmark-");
        RealDisk disk = new RealDisk(new DiskMonitor());
        Wal.create(disk, folder.resolve("wal"), WalOptions.defaults());
        Wal opened = Wal.open(disk, folder.resolve("wal"), WalOptions.defaults(), EntryId.ZERO)
                .wal();
        wal = opened;
        lastIndex = 0;
        cutIndex = 0;
        // As in the server: a segment is ready before it is needed.
        var unused = helper.scheduleWithFixedDelay(opened::prepareNextSegment, 0, 20, TimeUnit.MILLISECONDS);
    }

    /** Appends a batch and syncs it. */
    @Benchmark
    public long appendAndSync() {
        Wal log = wal;
        if (log == null) {
            throw new IllegalStateException("not open");
        }
        List<Entry> entries = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
            entries.add(new Entry(new EntryId(1, ++lastIndex), Entry.Kind.COMMAND, payload));
        }
        log.append(entries);
        log.sync();
        if (lastIndex - cutIndex > 2 * KEPT_ENTRIES) {
            cutIndex = lastIndex - KEPT_ENTRIES;
            log.truncatePrefix(cutIndex);
        }
        return lastIndex;
    }

    /** Removes the log. */
    @TearDown
    public void remove() throws InterruptedException {
        helper.shutdown();
        if (!helper.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the helper does not end");
        }
        Wal log = wal;
        if (log != null) {
            log.close();
        }
        new RealDisk(new DiskMonitor()).deleteTree(folder);
    }
}
