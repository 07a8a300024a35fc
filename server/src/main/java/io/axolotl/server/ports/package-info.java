/**
 * How many connections this process takes, on all of its ports.
 *
 * <p>A connection is a file descriptor and some memory, and anybody can open one before anything is known of him. A process
 * that has no descriptor left cannot open the next file of its log or of its store, which ends it; so descriptors are shared
 * out before any port is opened ({@link io.axolotl.server.ports.ConnectionPlan}): first to the log, the store and the other
 * members, then to clients and scrapers. Each kind of port counts what it has taken ({@link
 * io.axolotl.server.ports.ConnectionBound}), and what is too much is closed as soon as the system has handed it over, before a
 * handler is made for it or a byte of it is read.
 *
 * <p>Used by the ports for clients ({@code io.axolotl.server.http}) and for members ({@code io.axolotl.server.peer}); knows
 * nothing of what is spoken on them.
 *
 * <p>Thread rule: plans are immutable, bounds are safe for all threads.
 */
@NullMarked
package io.axolotl.server.ports;

import org.jspecify.annotations.NullMarked;
