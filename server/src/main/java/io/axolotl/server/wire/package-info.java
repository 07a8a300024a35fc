/**
 * What is the same for every gRPC service, whichever port it is served on.
 *
 * <p>Thread rule: safe for all threads.
 */
@NullMarked
package io.axolotl.server.wire;

import org.jspecify.annotations.NullMarked;
