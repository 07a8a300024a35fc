/**
 * What order can explain what clients saw: the two judgements of order that the simulator and the runs on real processes share.
 *
 * <p>{@link io.axolotl.jepsen.order.LinearizabilitySearch} looks for an order of steps that a model of the store can take; it
 * believes nobody. {@link io.axolotl.jepsen.order.RevisionOrder} is the cheap one: it believes the revisions that clients were
 * told, and asks only whether they agree with real time.
 *
 * <p>Thread rule: stateless.
 */
@NullMarked
package io.axolotl.jepsen.order;

import org.jspecify.annotations.NullMarked;
