/**
 * The durable log: what Raft calls the log, on disk, in preallocated segment files (design D4; format in
 * {@code docs/formats/wal.md}, drawn beside {@link io.axolotl.storage.wal.WalFormat}).
 *
 * <p>Three ideas carry it.
 *
 * <p><b>Everything verifies itself, and only in its place.</b> Each record and trailer carries the checksum of the one
 * before it and is checksummed itself, masked with the number of its segment. Bytes that an earlier life left in a
 * recycled file cannot verify (pitfall 57), and a stale or misdirected sector breaks the chain (fault D18).
 *
 * <p><b>A torn tail and damage are told apart by testimony.</b> Every batch ends in a trailer that names the position
 * before which everything was known to be synced when the batch was written. After each sync a <i>mark</i>, itself not
 * synced, says the same of the batch just written. When the scan at start meets bytes that do not verify, it reads on:
 * if any trailer or mark, anywhere further on, vouches for a later position, then synced bytes are damaged and the log
 * is refused; if none does, no sync that covered these bytes has ever returned, nobody was told of them, and they are
 * cut off (pitfalls 55, 56). What cannot be told is listed in the format document.
 *
 * <p><b>A file goes into use only under a durable name.</b> The next segment is filled with zeros, or recycled, renamed
 * and its directory synced ahead of time; only then does the current one get its <i>seal</i>, the trailer that says
 * "continued in the next". So a sealed segment without successor means that the newest file was lost (fault D17). An
 * append inside a preallocated file needs no new space and its sync no metadata.
 *
 * <p><b>Damage is repaired beside the log, never in it.</b> {@link io.axolotl.storage.wal.WalSalvage} copies what verifies
 * into a new folder and swaps the two; {@link io.axolotl.storage.wal.LogLoss} remembers, until others have made up for it, that
 * something is missing.
 *
 * <p>Who calls whom: {@link io.axolotl.storage.wal.Wal} is the door. It encodes through {@code BatchBuffer}, takes files
 * from {@code SegmentSupply}, and tells {@code LogIndex} what readers may see, once it is synced. {@code LogScan} reads
 * the log at start. {@link io.axolotl.storage.wal.HardStateFile} keeps term and vote beside the log.
 *
 * <p>Thread rule: what appends, truncates, syncs, resets or closes is confined to the log-writer thread; the methods of
 * {@link io.axolotl.raft.log.LogReader} are safe for all threads; {@code prepareNextSegment} is for a helper thread.
 *
 * <p>Raft §5.3 and §8; pitfalls 5, 6, 15, 54 to 59; faults D4 to D18.
 */
@NullMarked
package io.axolotl.storage.wal;

import org.jspecify.annotations.NullMarked;
