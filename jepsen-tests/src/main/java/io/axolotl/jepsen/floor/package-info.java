/**
 * Measuring against others: the floor that no gRPC server in Java can go below, and the same load on etcd, on Axolotl and on
 * that floor, in turn.
 *
 * <p>{@link io.axolotl.jepsen.floor.FloorMain} answers a constant: what a call costs beyond it is ours. {@link
 * io.axolotl.jepsen.floor.BenchCompareMain} starts the systems one after the other, several times over, so that what the
 * machine does meanwhile hits all of them; runs {@code axolotl bench} against each in a process of its own; and prints the
 * median of the repeats as Markdown.
 *
 * <p>Thread rule: confined to the main thread, except for the floor's services, which are safe for all threads.
 */
@NullMarked
package io.axolotl.jepsen.floor;

import org.jspecify.annotations.NullMarked;
