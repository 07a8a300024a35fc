/**
 * What programs build of keys, built once: counters, queues, barriers, cached views, files. Everything here is made of the calls of
 * {@link io.axolotl.client.AxolotlClient}; the servers know nothing of it, and etcd's serve it too.
 *
 * <ul>
 *   <li>{@link io.axolotl.client.recipes.Guarded} and {@link io.axolotl.client.recipes.Fence}: writes that only the newest holder of
 *       a lock gets through. Locks and elections themselves are {@link io.axolotl.client.Coordination#hold} and {@code lead}.
 *   <li>{@link io.axolotl.client.recipes.Counter}; {@link io.axolotl.client.recipes.Barrier} and {@link
 *       io.axolotl.client.recipes.DoubleBarrier}; {@link io.axolotl.client.recipes.FifoQueue}.
 *   <li>{@link io.axolotl.client.recipes.CachedView}: a prefix in memory that says how fresh it is. {@code ViewFeed} loads it, has it
 *       follow a watch, and proves its age.
 *   <li>{@link io.axolotl.client.recipes.FileStore}: files of any size. {@link io.axolotl.client.recipes.Upload} writes large ones,
 *       {@link io.axolotl.client.recipes.StoredFile} reads one version, {@code FileCollector} takes away what belongs to no file.
 * </ul>
 *
 * <p>Three ideas carry the package.
 *
 * <ul>
 *   <li><b>One transaction decides.</b> Whatever takes several calls is prepared by those that nobody sees, and becomes true by one
 *       transaction whose conditions say that nothing has changed meanwhile ({@code Contest} makes it again when something has). So every
 *       operation is whole or not there, and its outcome is that transaction's: done, refused or unknown.
 *   <li><b>The living are known by leases.</b> What is to go with its owner hangs on a lease, and whoever may have been taken for dead
 *       has its writes compare the revision at which the key on the lease was created: it never comes back once it is gone.
 *   <li><b>A wait is looks with pauses.</b> {@code Lookout} looks, waits for a change after the revision at which it has looked, and looks
 *       again. A watch only says when to look; nothing rests on what it tells, except in {@code CachedView}, which has it
 *       prove how far it is.
 * </ul>
 *
 * <p>Refusals by the rules of a recipe are {@link io.axolotl.client.RecipeException}s, each of its own type; all others come through
 * as the calls gave them. Waits (for an item, a barrier) have no time limit and outlast a cluster that cannot be reached; {@code cancel}
 * ends them.
 *
 * <p>Thread rule: every public type is immutable or safe for all threads, unless it says otherwise. Futures complete on network threads or on the
 * common pool; do not block there.
 */
@NullMarked
package io.axolotl.client.recipes;

import org.jspecify.annotations.NullMarked;
