/**
 * etcd's JSON gateway (contract F.4): every call of the API as an HTTP POST on the client port.
 *
 * <p>One idea: a gateway is a client. {@link io.axolotl.server.gateway.Gateway} runs a second gRPC server inside the process,
 * with the very services, interceptors and counters of the port, and a channel to it. A request becomes a message, the message
 * a call, the call's outcome an answer; every rule (checks, authentication, leaders, limits) is met on the way and none is
 * written twice. Nothing crosses a socket and messages are handed over as they are.
 *
 * <p>{@link io.axolotl.server.gateway.GatewayPaths} says which path is which method. {@link
 * io.axolotl.server.gateway.JsonObjects}, {@link io.axolotl.server.gateway.JsonReading} and {@link
 * io.axolotl.server.gateway.JsonWriting} translate, for any message, by its descriptor; why not with the library's own
 * format is in docs/adr/0042. {@link io.axolotl.server.gateway.UnaryCall} and {@link
 * io.axolotl.server.gateway.StreamCall} carry one call each, {@link io.axolotl.server.gateway.CallHeaders} passes on what
 * clients say beside the message (their token, above all), {@link io.axolotl.server.gateway.ClientAddress} where they are, {@link io.axolotl.server.gateway.JsonStatus} says how a call
 * ended.
 *
 * <p>Memory: one message per connection in each direction. A stream asks for its next message when the client has taken the
 * last one, so the services see a slow HTTP client as the slow gRPC client that it is.
 *
 * <p>Thread rule: a call is confined to the thread of its HTTP connection ({@link
 * io.axolotl.server.http.HttpExchange#executor}), so that no thread of the pipeline ever writes JSON. Large messages are
 * translated on the threads that read the store.
 */
@NullMarked
package io.axolotl.server.gateway;

import org.jspecify.annotations.NullMarked;
