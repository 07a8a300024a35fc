package io.axolotl.storage.rocksdb;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.Gate;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksObject;
import org.rocksdb.SstFileReader;
import org.rocksdb.Status;
import org.rocksdb.WriteOptions;

/**
 * The engine on RocksDB. See the package, and {@link KvEngine} for the contract and the thread rule.
 *
 * <p>The column family {@code default} is {@link Space#META}, {@code idx} is {@link Space#IDX}, {@code rev} is {@link
 * Space#REV}.
 */
public final class RocksDbEngine implements KvEngine {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long META_MEMTABLE_BYTES = 16L << 20;
    /** SST format of RocksDB 8.6 on: stated, so that an upgrade of the library does not change files by surprise. */
    private static final int FORMAT_VERSION = 6;

    private final Path folder;
    private final Gate gate;
    /** Everything native, the last opened first; closed in this order. */
    private final Deque<RocksObject> handles = new ArrayDeque<>();

    private final RocksDB db;
    private final Map<Space, ColumnFamilyHandle> families = new EnumMap<>(Space.class);
    private final WriteOptions withoutLog;
    private final ReadOptions latest;
    private final CompactRangeOptions reclaiming;
    private final CompactRangeOptions defragmenting;
    private volatile @Nullable EngineException poison;

    /**
     * Opens or creates the database in {@code folder}, which must exist.
     *
     * @throws EngineException if it cannot be opened: damaged, locked by another process, or of a newer version
     */
    public static RocksDbEngine open(Path folder, RocksDbOptions options) {
        NativeLibrary.load(options.libraryFolder());
        return new RocksDbEngine(folder, options);
    }

    /**
     * Loads RocksDB's library ahead of the first engine, where the installation holds it ready; elsewhere does nothing. Whoever
     * opens an engine meanwhile waits. Safe for all threads.
     *
     * @throws EngineException if it cannot be loaded, as every {@link #open} will say again
     */
    public static void loadAhead() {
        NativeLibrary.loadInstalled();
    }

    private RocksDbEngine(Path folder, RocksDbOptions options) {
        this.folder = folder;
        this.gate = new Gate("the RocksDB engine in " + folder);
        boolean isOpen = false;
        try {
            LRUCache cache = own(new LRUCache(options.blockCacheBytes()));
            List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
            for (Space space : Space.values()) {
                descriptors.add(new ColumnFamilyDescriptor(
                        nameOf(space).getBytes(StandardCharsets.US_ASCII), familyOptions(space, options, cache)));
            }
            DBOptions dbOptions = own(databaseOptions());
            withoutLog = own(new WriteOptions().setDisableWAL(true));
            latest = own(new ReadOptions().setVerifyChecksums(true));
            reclaiming = own(new CompactRangeOptions());
            defragmenting = own(
                    new CompactRangeOptions().setBottommostLevelCompaction(BottommostLevelCompaction.kForceOptimized));
            List<ColumnFamilyHandle> opened = new ArrayList<>();
            db = own(RocksDB.open(dbOptions, folder.toString(), descriptors, opened));
            Iterator<ColumnFamilyHandle> inOrder = opened.iterator();
            for (Space space : Space.values()) {
                families.put(space, own(inOrder.next()));
            }
            isOpen = true;
        } catch (RocksDBException e) {
            throwIfFull("open", e);
            throw new EngineException(
                    "the database in " + folder + " cannot be opened: " + e.getMessage()
                            + (isInvalidArgument(e)
                                    ? ". It seems to be of another release: start the one that wrote it, or a newer one."
                                            + " Nothing was changed."
                                    : ". If another process runs on this data folder, stop it; if files are damaged, the"
                                            + " next start makes the state anew."),
                    e,
                    isDamage(e) || isFileMissing(e));
        } finally {
            if (!isOpen) {
                closeHandles();
            }
        }
    }

    private static DBOptions databaseOptions() {
        return new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true)
                .setAvoidFlushDuringShutdown(true)
                .setParanoidChecks(true)
                .setMaxBackgroundJobs(2)
                .setBytesPerSync(1L << 20)
                .setMaxOpenFiles(1024)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(4L << 20)
                .setStatsDumpPeriodSec(0);
    }

    private ColumnFamilyOptions familyOptions(Space space, RocksDbOptions options, LRUCache cache) {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(space == Space.IDX ? 8 << 10 : 16 << 10)
                .setFormatVersion(FORMAT_VERSION)
                .setChecksumType(ChecksumType.kXXH3)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true);
        ColumnFamilyOptions family = own(Objects.requireNonNull(
                ColumnFamilyOptions.getColumnFamilyOptionsFromProps(onlyByName()), "this RocksDB lacks an option"));
        if (space == Space.IDX) {
            // Half of all writes ask for a key that is not there yet, or not in memory: filters answer that.
            table.setFilterPolicy(own(new BloomFilter(10))).setOptimizeFiltersForMemory(true);
            family.setMemtablePrefixBloomSizeRatio(0.05).setMemtableWholeKeyFiltering(true);
        }
        return family.setTableFormatConfig(table)
                .setWriteBufferSize(space == Space.META ? META_MEMTABLE_BYTES : options.memtableBytes())
                // Each snapshot begins with a flush; two buffers would hold up writers for as long as it lasts.
                .setMaxWriteBufferNumber(4)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true);
    }

    /**
     * Options that the Java API does not offer. Readers always hold some snapshot, and whenever an old one is let go
     * RocksDB would rewrite the lowest files at once to drop what it kept; that costs a write of each file for next to
     * nothing, and leaves snapshots with no file in common (D9).
     */
    private static Properties onlyByName() {
        Properties options = new Properties();
        options.setProperty("bottommost_file_compaction_delay", "3600");
        return options;
    }

    private static String nameOf(Space space) {
        return switch (space) {
            case META -> "default";
            case IDX -> "idx";
            case REV -> "rev";
        };
    }

    private <T extends RocksObject> T own(T handle) {
        handles.push(handle);
        return handle;
    }

    @Override
    public AtomicWrite newWrite() {
        gate.enter();
        try {
            return new RocksDbWrite(this);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void write(AtomicWrite write) {
        gate.enter();
        try {
            refuseIfPoisoned();
            RocksDbWrite batch = (RocksDbWrite) write;
            try {
                db.write(withoutLog, batch.batch());
            } catch (RocksDBException e) {
                throwIfFull("write to", e);
                throw poison("write to", e);
            }
            batch.clear();
        } finally {
            gate.leave();
        }
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        gate.enter();
        try {
            refuseIfPoisoned();
            return get(latest, space, key);
        } finally {
            gate.leave();
        }
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        gate.enter();
        return new RocksDbCursor(this, null, space, from, toExclusive);
    }

    @Override
    public EngineView view() {
        gate.enter();
        try {
            refuseIfPoisoned();
            return new RocksDbView(this);
        } catch (RuntimeException e) {
            gate.leave();
            throw e;
        }
    }

    @Override
    public void flush() {
        gate.enter();
        try {
            flushAll();
        } finally {
            gate.leave();
        }
    }

    private void flushAll() {
        refuseIfPoisoned();
        try (FlushOptions options = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            // With atomic flush an explicit flush must name every family.
            db.flush(options, List.copyOf(families.values()));
        } catch (RocksDBException e) {
            throwIfFull("flush", e);
            throw poison("flush", e);
        }
    }

    @Override
    public void checkpoint(Path target) {
        gate.enter();
        try {
            flushAll();
            try (Checkpoint checkpoint = Checkpoint.create(db)) {
                checkpoint.createCheckpoint(target.toString());
            } catch (RocksDBException e) {
                throwIfFull("make a checkpoint of", e);
                throw new EngineException(
                        "no checkpoint of " + folder + " could be made in " + target + ": " + e.getMessage(), e);
            }
        } finally {
            gate.leave();
        }
    }

    @Override
    public void reclaim() {
        compact(List.of(Space.REV), reclaiming);
    }

    @Override
    public void defragment() {
        compact(List.of(Space.values()), defragmenting);
    }

    private void compact(List<Space> spaces, CompactRangeOptions how) {
        gate.enter();
        try {
            refuseIfPoisoned();
            for (Space space : spaces) {
                db.compactRange(family(space), null, null, how);
            }
        } catch (RocksDBException e) {
            // By close() alone, which says so before it shuts the gate.
            if (how.canceled()) {
                throw new ClosedException("the RocksDB engine in " + folder + " is closed", e);
            }
            throwIfFull("reclaim space in", e);
            throw poison("reclaim space in", e);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void verifyFiles(LongConsumer read) {
        for (LiveFileMetaData file : liveFiles()) {
            if (verifyFile(file)) {
                read.accept(file.size());
            }
        }
    }

    private List<LiveFileMetaData> liveFiles() {
        gate.enter();
        try {
            return db.getLiveFilesMetaData();
        } finally {
            gate.leave();
        }
    }

    /** @return false if a compaction has removed it meanwhile */
    private boolean verifyFile(LiveFileMetaData file) {
        try {
            verifyFile(Path.of(file.path() + file.fileName()));
            return true;
        } catch (EngineException e) {
            boolean isGone =
                    liveFiles().stream().noneMatch(live -> live.fileName().equals(file.fileName()));
            if (isGone) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void verifyFile(Path file) {
        gate.enter();
        try (Options options = new Options();
                SstFileReader reader = new SstFileReader(options)) {
            reader.open(file.toString());
            reader.verifyChecksum();
        } catch (RocksDBException e) {
            throw new EngineException(
                    "the file " + file + " of the database does not verify: " + e.getMessage()
                            + ". The next start makes the state anew.",
                    e,
                    isDamage(e) || isFileMissing(e) || isInvalidArgument(e));
        } finally {
            gate.leave();
        }
    }

    @Override
    public long sizeBytes() {
        // Without files that compactions have replaced and open cursors still hold: they go by themselves.
        return property("rocksdb.live-sst-files-size") + property("rocksdb.cur-size-all-mem-tables");
    }

    @Override
    public long liveBytes() {
        long live = property("rocksdb.estimate-live-data-size") + property("rocksdb.cur-size-all-mem-tables");
        return Math.min(live, sizeBytes());
    }

    private long property(String name) {
        gate.enter();
        try {
            long sum = 0;
            for (ColumnFamilyHandle family : families.values()) {
                sum += db.getLongProperty(family, name);
            }
            return sum;
        } catch (RocksDBException e) {
            throw new EngineException("the database in " + folder + " does not tell " + name, e);
        } finally {
            gate.leave();
        }
    }

    @Override
    public void close() {
        if (!gate.isClosing()) {
            reclaiming.setCanceled(true);
            defragmenting.setCanceled(true);
        }
        if (gate.shut(PATIENCE_NANOS)) {
            closeHandles();
        }
    }

    private void closeHandles() {
        // Families are above the database on the stack, options and cache below it: the order that RocksDB asks for.
        while (!handles.isEmpty()) {
            handles.pop().close();
        }
    }

    /** RocksDB refuses every write while it is in this state, and leaves it by itself some seconds after there is room. */
    private void throwIfFull(String what, RocksDBException e) {
        Status status = e.getStatus();
        if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
            throw new EngineFullException("there is no room to " + what + " " + folder + ": " + e.getMessage(), e);
        }
    }

    Gate gate() {
        return gate;
    }

    RocksDB db() {
        return db;
    }

    ColumnFamilyHandle family(Space space) {
        return Objects.requireNonNull(families.get(space));
    }

    byte @Nullable [] get(ReadOptions options, Space space, byte[] key) {
        try {
            return db.get(family(space), options, key);
        } catch (RocksDBException e) {
            throw readFailed(e);
        }
    }

    EngineException readFailed(RocksDBException e) {
        return new EngineException(
                "the database in " + folder + " cannot be read: " + e.getMessage()
                        + ". If files are damaged, the next start makes the state anew.",
                e,
                isDamage(e));
    }

    private static boolean isDamage(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    /**
     * Of an open of the database: it has a family or an order of keys that this program does not, and no damage looks like
     * that (O3). Of a single file: it is none of an engine.
     */
    private static boolean isInvalidArgument(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.InvalidArgument;
    }

    /** Of an open: a file that others refer to is gone. */
    private static boolean isFileMissing(RocksDBException e) {
        Status status = e.getStatus();
        return status != null
                && (status.getCode() == Status.Code.NotFound
                        || (status.getCode() == Status.Code.IOError
                                && String.valueOf(e.getMessage()).contains("No such file")));
    }

    private EngineException poison(String what, RocksDBException e) {
        Status status = e.getStatus();
        boolean isFull = status != null && status.getSubCode() == Status.SubCode.NoSpace;
        EngineException failure = new EngineException(
                "could not " + what + " the database in " + folder + ": " + e.getMessage()
                        + (isFull
                                ? ". The disk is full: make room, then start again."
                                : ". Check the disk, then start again."),
                e,
                isDamage(e));
        poison = failure;
        return failure;
    }

    private void refuseIfPoisoned() {
        EngineException cause = poison;
        if (cause != null) {
            throw new EngineException("the database in " + folder + " has failed before and must be reopened", cause);
        }
    }
}
