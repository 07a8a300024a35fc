/**
 * How many connections this process takes, on all of its ports, and how late it reads them.
 *
 * <p>A connection is a file descriptor and some memory, and anybody can open one before anything is known of him. A process
 * that has no descriptor left cannot open the next file of its log or of its store, which ends it; so descriptors are shared
 * out before any port is opened ({@link io.axolotl.server.ports.ConnectionPlan}): first to the log, the store and the other
 * members, then to clients and scrapers. Each kind of port counts what it has taken ({@link
 * io.axolotl.server.ports.ConnectionBound}), and what is too much is closed as soon as the system has handed it over, before a
 * handler is made for it or a byte of it is read.
 *
 * <p>A connection that is taken begins with an {@link io.axolotl.server.ports.Arrivals}: it tells whoever serves a request how long that
 * may have waited in its socket, which a request cannot say itself.
 *
 * <p>Used by the ports for clients ({@code io.axolotl.server.http}) and for members ({@code io.axolotl.server.peer}); knows
 * nothing of what is spoken on them.
 *
 * <p>Thread rule: plans are immutable, bounds are safe for all threads; what stands in a connection is confined to its event loop.
 */
@NullMarked
package io.axolotl.server.ports;

import org.jspecify.annotations.NullMarked;
