package io.axolotl.storage.rocksdb;

import java.nio.file.Path;

/**
 * What can be set of a RocksDB engine. Immutable.
 *
 * @param blockCacheBytes bound of the cache that all column families share; the kernel's page cache stands behind it
 * @param memtableBytes size at which the memtable of IDX or REV is flushed
 * @param libraryFolder where the native library is unpacked to: a folder that lasts, so that a killed process leaves
 *     nothing behind that the next one would not use again. The database's own parent folder is a good choice
 */
public record RocksDbOptions(long blockCacheBytes, long memtableBytes, Path libraryFolder) {
    private static final long MIB = 1L << 20;

    public RocksDbOptions {
        if (blockCacheBytes < 0 || memtableBytes < MIB / 16) {
            throw new IllegalArgumentException("a block cache of " + blockCacheBytes + " bytes and memtables of "
                    + memtableBytes + " bytes; want at least 0 and 64 KiB");
        }
    }

    /** A quarter of the heap as cache, but 32 to 256 MiB; memtables of 32 MiB. */
    public static RocksDbOptions defaults(Path libraryFolder) {
        long quarter = Runtime.getRuntime().maxMemory() / 4;
        return new RocksDbOptions(Math.max(32 * MIB, Math.min(256 * MIB, quarter)), 32 * MIB, libraryFolder);
    }
}
