/**
 * The Java client judged from outside, on real processes: what it promises while members are killed, paused, cut off and asked
 * to hand over, and what it costs beside jetcd.
 *
 * <p>The ideas:
 *
 * <ul>
 *   <li>Counting is what shows a lost and a doubled write. {@link io.axolotl.jepsen.clients.Counters} puts without a condition,
 *       so a write that is executed twice leaves a version that is one too high, and increments by comparing, so one that is
 *       lost leaves a count that is one too low.
 *   <li>A version tells of every put before it. So {@link io.axolotl.jepsen.clients.EventJudge} needs nothing but the events to
 *       see that one is missing, or comes twice.
 *   <li>A lock is worth what its fencing tokens are worth: {@link io.axolotl.jepsen.clients.Fences} writes under a guard, and
 *       the order in which those writes took effect is judged, besides who believes to hold it.
 *   <li>Latency is measured from when a call was due ({@link io.axolotl.jepsen.clients.CallMeter}), so that calls that a slow one
 *       would have held up are counted.
 *   <li>Both libraries are called through one face ({@link io.axolotl.jepsen.clients.ClientFace}), by the same code.
 * </ul>
 *
 * <p>Commands: {@link io.axolotl.jepsen.clients.ClientFaultsMain}, {@link io.axolotl.jepsen.clients.ClientFailoverMain}, {@link
 * io.axolotl.jepsen.clients.ClientCompareMain}.
 *
 * <p>Thread rule: a command is one thread; the load that it starts owns threads and is stopped by it.
 */
@NullMarked
package io.axolotl.jepsen.clients;

import org.jspecify.annotations.NullMarked;
