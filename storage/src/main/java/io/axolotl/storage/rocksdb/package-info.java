/**
 * The engine port on RocksDB, and the only package that imports its JNI.
 *
 * <p>RocksDB's own log is off: the Raft log is the log. What keeps the three column families together without it is
 * {@code atomic_flush}: memtables of all of them go to disk together or not at all, so a restart finds the state after
 * some write, whole. The options and the measurements behind them are in docs/formats/rocksdb-keys.md.
 *
 * <p>Every native handle has one owner, {@link io.axolotl.storage.rocksdb.RocksDbEngine}, which closes them in order:
 * iterators and snapshots (by their users; the engine waits), column families, database, options, cache.
 *
 * <p>Called by {@code storage.statemachine} through the port; thread rules are those of {@code storage.engine}.
 */
@NullMarked
package io.axolotl.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
