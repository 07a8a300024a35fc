/**
 * The gRPC edge: etcd's services on top of {@link io.axolotl.server.driver.NodeService}, and nothing else of the node.
 *
 * <p>Three ideas. First, every request goes the same way: {@link io.axolotl.server.api.RequestChecks static checks} in
 * the contract's order, {@link io.axolotl.server.api.Requests translation} into a command or a query without copying keys
 * and values, then either {@code propose} (writes), or {@code readBarrier} and a local read (linearizable reads), or a
 * local read at once (serializable ones). Second, outcomes come back as values and become codes and texts in one class,
 * {@link io.axolotl.server.api.EtcdError}; done, refused and unknown are never mixed up there. Third, generated types stop
 * here: below this package there are only {@code Command}, {@code RangeQuery} and their results.
 *
 * <p>Thread rule: services are called on netty's event loops (the server runs with a direct executor) and are safe for
 * all threads. Nothing here blocks an event loop or a thread of the pipeline: proposals complete on the pipeline's
 * threads, where only the answer is built; reads after a barrier, and reads of more than one key, run on the
 * {@link io.axolotl.server.api.ReadPool}.
 *
 * <p>Rules named in the comments (RG-1, TX-9, HD-4 ...) are those of the etcd v3 contract.
 */
@NullMarked
package io.axolotl.server.api;

import org.jspecify.annotations.NullMarked;
