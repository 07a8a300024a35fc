/**
 * The replicated log as the core sees it.
 *
 * <p>The log is one sequence with three borders. Up to {@code previous} it has been cut, since a snapshot stands for it;
 * the id of that last cut entry is kept, for the first remaining entry has to be checked against it (pitfall 40). Up to
 * {@code durableIndex} it is known to be synced on this node. Behind that lies what has been appended in memory and is on
 * its way to the disk. The commit index moves through this independently: a leader may learn that a majority of others is
 * durable before its own disk has answered.
 *
 * <pre>
 *   previous &lt; first ... durableIndex ... last          previous &lt;= commitIndex &lt;= last
 *              |--- read through LogReader ---|
 *                        |--------- UnstableLog, in memory ---------|
 * </pre>
 *
 * <p>{@link io.axolotl.raft.log.RaftLog} keeps the tail in memory and reads older entries through the port {@link
 * io.axolotl.raft.log.LogReader}; it never writes. What must be written it hands out, and it learns through tokens what
 * has been synced. A token names the log's epoch, which every cut of the suffix moves, so that the completion of a write
 * that was overwritten meanwhile cannot vouch for its successor (pitfall 15).
 *
 * <p>Used by the package above and by the write-ahead log, which implements the port. Values are immutable; {@code
 * RaftLog} and {@code UnstableLog} are confined to the driver thread. Raft §5.3, §5.4.1, §7.
 */
@NullMarked
package io.axolotl.raft.log;

import org.jspecify.annotations.NullMarked;
