/**
 * The archive of a whole store, as {@code snapshot save} writes it and {@code snapshot restore} reads it: one file, of one
 * moment, complete in itself. Drawn in docs/formats/archive.md.
 *
 * <p>Not to be mixed up with {@link io.axolotl.storage.snapshot}: a snapshot is what a member starts from and sends to
 * others of its cluster, file by file, resumable. An archive leaves the cluster. It goes over etcd's Snapshot call as a
 * stream of known length with a SHA-256 behind it (MT-5), and a new cluster is made from it.
 *
 * <p>{@link io.axolotl.storage.archive.ArchiveStore} makes archives of a running state: a checkpoint in a folder of its own,
 * by hard links, which {@link io.axolotl.storage.archive.StateArchive} then gives out piece by piece, so that memory does not
 * grow with the store and writers are held up only while the links are made. {@link
 * io.axolotl.storage.archive.ArchiveFile} is the other end: it verifies and unpacks.
 *
 * <p>Thread rule: the store is safe for all threads; an archive belongs to one thread at a time.
 */
@NullMarked
package io.axolotl.storage.archive;

import org.jspecify.annotations.NullMarked;
