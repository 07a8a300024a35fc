/**
 * The Java client: typed calls on any cluster that speaks etcd v3, and an honest word about how each of them ended.
 *
 * <p>Start at {@link io.axolotl.client.AxolotlClient}: it owns the connections and hands out three faces, {@link
 * io.axolotl.client.Kv}, {@link io.axolotl.client.Maintenance} and {@link io.axolotl.client.Cluster}. Every call returns
 * a {@link io.axolotl.client.Pending}, a future that can also be waited for; there is no second, blocking copy of the
 * surface.
 *
 * <p>Three ideas carry the package.
 *
 * <ul>
 *   <li><b>Three outcomes.</b> A call is done, refused (certainly without effect) or unknown (it may have been applied):
 *       {@link io.axolotl.client.Outcome}. etcd has no message that says "certainly aborted" (GU-6), so what counts as a
 *       proof of refusal is written down in one place, {@code Verdict}. What is not proven is unknown.
 *   <li><b>An unknown write is never applied twice.</b> Where the servers have sessions it is numbered ({@link
 *       io.axolotl.client.ExactlyOnce}, {@code Numbering}), and sent again until its outcome is known or its time is over: they
 *       tell a repeat and answer it with what the write came to. Elsewhere it is sent again only when it provably never left, or
 *       was turned away by the server. Whether it left is observed on the stream itself ({@code SentProbe}), not guessed from
 *       error texts. Reads may be sent again, within the budget of {@link io.axolotl.client.RetryPolicy}.
 *   <li><b>The leader is a hint.</b> {@code LeaderTracker} learns it from Status and from the terms in response headers.
 *       Every member accepts every call, so a wrong hint costs a hop and nothing else.
 * </ul>
 *
 * <p><b>Where reads go.</b> {@code HealthWatch} looks after the members while calls are made: {@code MemberHealth} has the share
 * of each, from how long its reads take, whether answers come at all, and what it says of itself (etcd's Status). Who does not
 * answer gets nothing, and what waits for it is made elsewhere.
 *
 * <p>A call walks: face, {@code Wire} (typed values to protobuf), {@code CallRunner} (attempts, budget), {@code
 * Connections} and {@code LeaderTracker} (where to), {@code io.axolotl.client.transport} (netty), and back.
 *
 * <p>Thread rule: every public type is immutable or safe for all threads, except {@link io.axolotl.client.Txn} and the
 * builders, which one thread at a time may use. Futures complete on a network thread: dependent stages without an
 * executor of their own run there and must not block; {@link io.axolotl.client.Pending#await} refuses to.
 *
 * <p>Nothing here needs an extension of the Axolotl server; the one that is used, sessions, is asked for once.
 */
@NullMarked
package io.axolotl.client;

import org.jspecify.annotations.NullMarked;
