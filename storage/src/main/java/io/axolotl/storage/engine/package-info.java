/**
 * The port to an ordered key-value engine: what the MVCC store needs of RocksDB, and no more.
 *
 * <p>An engine keeps three {@linkplain io.axolotl.storage.engine.Space spaces} of byte strings, each ordered unsigned
 * bytewise. Writes to all of them happen in one {@link io.axolotl.storage.engine.AtomicWrite}: after a crash either all of
 * a write is there or nothing of it, and what is there is always that of a prefix of the writes (D28, D30). A write is
 * not durable until {@link io.axolotl.storage.engine.KvEngine#flush}: the Raft log replays what a crash loses.
 *
 * <p>Readers never look at the engine itself but at an {@link io.axolotl.storage.engine.EngineView}, a consistent picture
 * of all spaces between two writes.
 *
 * <p>Native memory makes use after close a crash of the process instead of an exception (pitfall P16). So the engine
 * counts who is inside it ({@link io.axolotl.storage.engine.Gate}): closing waits for them, and whoever comes later is
 * told.
 *
 * <p>Implemented by {@code storage.rocksdb.RocksDbEngine} and, for tests and the simulator, by {@code MemoryEngine}; one
 * suite of tests holds both to this contract. Used by {@code storage.mvcc} and {@code storage.statemachine}.
 */
@NullMarked
package io.axolotl.storage.engine;

import org.jspecify.annotations.NullMarked;
