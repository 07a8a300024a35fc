/**
 * The network under the client and the bench: the one place that knows netty.
 *
 * <p>A {@link io.axolotl.client.transport.NettyTransport} is a small group of event loops and a recipe for channels. Both the
 * client, which wants many safeguards, and the bench, which wants none in its way, take their channels from here. Callbacks
 * of calls run on the event loop that read the answer (a direct executor): handing them to a pool would cost a thread switch
 * per call.
 *
 * <p>Thread rule: safe for all threads.
 */
@NullMarked
package io.axolotl.client.transport;

import org.jspecify.annotations.NullMarked;
