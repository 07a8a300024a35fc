/**
 * Every key at every kept revision, ordered for range reads: etcd's multi-version store on an ordered engine (contract
 * B.1 to B.6).
 *
 * <p><b>Layout F</b> (measured against seven others; docs/formats/rocksdb-keys.md draws every byte). {@code idx} holds one
 * record per key: its newest version, the value too while it is small. So reads of the latest state never see how many
 * versions a key has. {@code rev} holds one event per change in the order of revisions: the whole version, and a pointer
 * to the version of the same key before it. A read at an older revision starts at {@code idx} and walks back; besides the
 * previous version each event points to one further back ({@link io.axolotl.storage.mvcc.JumpStack}), which makes the
 * walk logarithmic. Large values are written once, and nothing in memory grows with the number of keys.
 *
 * <p><b>Deletes</b> are events too (tombstones), until compaction takes them.
 *
 * <p><b>Compaction</b> at C has two halves. The logical one is a single number in the applied state: from then on reads
 * below C are refused, on all members alike. The physical one ({@link io.axolotl.storage.mvcc.Compaction}) runs whenever a
 * member finds time, and must not show in any answer: everything that decides an answer, or the bytes of a later record,
 * looks at the logical revision only (pitfall 50, TX-12).
 *
 * <p><b>The rolling digest</b> ({@link io.axolotl.storage.mvcc.HistoryHash}) takes in every entry and what it did, in the same
 * write as both. What it was at every 64th index is kept ({@link io.axolotl.storage.mvcc.Checkpoints}), so that two members
 * can find where their histories part. {@link io.axolotl.storage.mvcc.Digest} is another thing: of the whole state, for
 * tests and for people.
 *
 * <p><b>Who calls whom.</b> {@code storage.statemachine} opens {@link io.axolotl.storage.mvcc.MvccStore}, collects the
 * changes of a committed run in one {@link io.axolotl.storage.mvcc.WriteTxn}, and commits it in one atomic write. Readers
 * borrow the {@link io.axolotl.storage.mvcc.ReadView} that the last commit published; both are a {@link
 * io.axolotl.storage.mvcc.Keyspace}, so the rules of reading are written once. Who follows what happens borrows the same view
 * as a {@link io.axolotl.storage.mvcc.HistoryView} and scans {@code rev}.
 *
 * <p><b>Threads.</b> Writing is confined to the apply thread. A read view may be read by all threads.
 */
@NullMarked
package io.axolotl.storage.mvcc;

import org.jspecify.annotations.NullMarked;
