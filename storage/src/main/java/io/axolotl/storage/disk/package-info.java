/**
 * The one place of the project that touches files.
 *
 * <p>Everything durable goes through the {@link io.axolotl.storage.disk.Disk} port, for two reasons. Whether a byte
 * survives a power cut is decided by a handful of calls (write, sync, rename, sync of the directory) and their order;
 * with one port that order can be read, and tested at every step. And a simulator can stand in for the disk: the test
 * jar carries {@code FaultyDisk}, which loses, tears and reorders whatever was not synced, undoes directory changes
 * that were not synced, flips bits, fails syncs and fills up, all from one seed.
 *
 * <p>The ideas:
 *
 * <ul>
 *   <li>A write is nothing until {@link io.axolotl.storage.disk.DiskFile#sync()} has returned; a name is nothing until
 *       {@link io.axolotl.storage.disk.Disk#syncDirectory} has returned (pitfall 6). The port never syncs behind the
 *       caller's back, except in the helpers that say so.
 *   <li>There is no retry. A sync that failed may have dropped what it was to write, so the caller must treat the file
 *       as lost (pitfall 54); every failure is one unchecked {@link io.axolotl.storage.disk.DiskException} that names
 *       path and operation.
 *   <li>Files are read and written by position, with plain system calls. No memory mapping: a full or broken disk must
 *       come back as an exception, not as a fault of the process (pitfall 59).
 *   <li>Each running operation is known to a {@link io.axolotl.storage.disk.DiskMonitor}, so that a disk that hangs is
 *       seen from outside while it hangs (pitfall 25).
 * </ul>
 *
 * <p>Called by {@code wal}, {@code identity} and {@code snapshot}; calls nobody. RocksDB reaches the disk by itself.
 *
 * <p>Thread rule: a {@code Disk} is safe for all threads; a {@code DiskFile} allows reads from all threads beside one
 * writer. No thread that is inside this package may be interrupted: the JDK closes a file under an interrupted thread.
 */
@NullMarked
package io.axolotl.storage.disk;

import org.jspecify.annotations.NullMarked;
