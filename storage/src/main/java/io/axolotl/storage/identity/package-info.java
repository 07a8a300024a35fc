/**
 * Who the owner of a data folder is, and what the folder looks like.
 *
 * <p>A folder belongs to one member of one cluster for as long as it lives. {@link
 * io.axolotl.storage.identity.Identity} says so in a small file that is written once. Its 128-bit random store id makes
 * two folders of the same member different: a wiped disk that comes back under the old name is a stranger, and a
 * cluster that knows the store id need not let it vote (pitfall 4). Which store each peer has is kept in {@link
 * io.axolotl.storage.identity.KnownStores}, so that a restart of those who know does not help the stranger (fault D19).
 *
 * <p>The identity is written last, after log and hard state exist. So a folder with an identity must have both, and
 * lacks one only if somebody lost it (faults D15, D17); a folder without identity has never been used, and what is in
 * it is the remains of a first start that was cut short.
 *
 * <p>{@link io.axolotl.storage.identity.DataFolder} knows the paths, holds the lock of the folder (fault P17) and makes
 * a new one. Uses {@code disk} and {@code wal}; called by the server's start only.
 *
 * <p>Thread rule: identities are immutable; known stores are safe for all threads; a data folder is confined to the thread that starts the server.
 */
@NullMarked
package io.axolotl.storage.identity;

import org.jspecify.annotations.NullMarked;
