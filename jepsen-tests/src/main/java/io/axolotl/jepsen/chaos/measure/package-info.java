/**
 * What faults cost in service: the probes, and what is worked out of them (docs/testing.md).
 *
 * <p>The ideas: a {@link io.axolotl.jepsen.chaos.measure.Prober} asks on a schedule that knows nothing of the answers, for whoever waits for
 * answers cannot see how long there were none. Everything else is a function of the {@link io.axolotl.jepsen.chaos.RunRecord}: buckets of
 * 50 ms are good or bad, bad ones make a {@link io.axolotl.jepsen.chaos.measure.Window}, windows after a fault its {@link
 * io.axolotl.jepsen.chaos.measure.FaultCost}, and pieces of runs ({@link io.axolotl.jepsen.chaos.measure.Cycle}) the {@link
 * io.axolotl.jepsen.chaos.measure.Availability}. A {@link io.axolotl.jepsen.chaos.measure.RunMeasure} is all that of one run.
 *
 * <p>Thread rule: the prober owns a thread and the network's; everything else is immutable.
 */
@NullMarked
package io.axolotl.jepsen.chaos.measure;

import org.jspecify.annotations.NullMarked;
