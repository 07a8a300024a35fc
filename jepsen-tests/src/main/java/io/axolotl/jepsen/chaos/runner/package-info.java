/**
 * One run from the start of its cluster to its verdicts, campaigns of them, and the commands: {@code axolotl chaos}, {@code axolotl
 * judge} and {@code axolotl fault-coverage}.
 *
 * <p>A run: the cluster starts, clients and probes begin, the nemesis plays its schedule, everything is made whole, clients go on for a
 * while, everybody is read a last time, and then the history is judged beside what has to hold of every cluster ({@link
 * io.axolotl.jepsen.chaos.runner.EndChecks}). A run without enough traffic before, during and after the faults is void, not green
 * ({@link io.axolotl.jepsen.chaos.runner.Rates}). What fails is kept whole.
 *
 * <p>Thread rule: a run is confined to one thread; clients, probes, nemesis and the watch over the members have their own.
 */
@NullMarked
package io.axolotl.jepsen.chaos.runner;

import org.jspecify.annotations.NullMarked;
