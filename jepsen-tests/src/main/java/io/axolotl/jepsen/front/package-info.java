/**
 * Ports that have another one do everything. Whoever stands between the server's code and a port of the storage, to bend it or to
 * watch it, writes down only what is different: the planted bugs of real servers ({@code chaos.planted}) as those of simulated worlds,
 * and the simulator's real database.
 *
 * <p>The port's own default methods are not passed on: they come down to calls that are, so that who bends one call has bent all that
 * is made of it.
 *
 * <p>Knows the ports of the storage and nothing else. Thread rule: as the one that does the work has it.
 */
@NullMarked
package io.axolotl.jepsen.front;

import org.jspecify.annotations.NullMarked;
