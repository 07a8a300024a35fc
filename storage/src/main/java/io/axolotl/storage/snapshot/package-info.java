/**
 * Snapshots: complete copies of the state machine's files, kept, sent, received and put in place of the live ones.
 *
 * <p>A snapshot is a checkpoint of the engine (hard links, so taking one copies next to nothing) and a
 * {@link io.axolotl.storage.snapshot.SnapshotManifest} that says what it stands for and names every file with size and
 * checksum. The order of syncs is what makes it trustworthy: files first, manifest last, all under a temporary name, then
 * one rename (pitfall 45). So whatever carries a final name is whole, and whatever does not is thrown away at the start.
 *
 * <p>Layout of a member's folder, as far as it is this package's:
 *
 * <pre>
 *   snapshots/&lt;index&gt;-&lt;term&gt;/manifest       what the snapshot stands for
 *   snapshots/&lt;index&gt;-&lt;term&gt;/db/…           the files of the engine
 *   snapshots/….creating, ….receiving       not whole; dropped at the start
 *   snapshots/….replacing                   whole, about to take the place of a damaged one of its name
 *   snapshots/….damaged1, …                 found damaged; kept until a newer one is whole
 *   db/CURRENT                              names the live folder
 *   db/&lt;n&gt;/…                                the live files, and those of before or after a crash
 * </pre>
 *
 * <p>Installing never touches live files: {@link io.axolotl.storage.snapshot.LiveStore} builds a new folder and swaps one
 * pointer file (pitfalls 42, 43; D27). A crash leaves the old state or the new one.
 *
 * <p>All files are reached through {@code storage.disk}; the engine's own reading and writing is the exception. Called by
 * the server's snapshot worker, its peer transport, and its recovery; calls {@code storage.statemachine} for checkpoints.
 */
@NullMarked
package io.axolotl.storage.snapshot;

import org.jspecify.annotations.NullMarked;
