/**
 * The judges of histories. Each is given all calls of a run, takes those that concern it, and says {@link
 * io.axolotl.jepsen.chaos.Verdict.Kind#VALID valid} or shows what no correct store would have answered.
 *
 * <p>Two ideas carry most of them. The {@link io.axolotl.jepsen.chaos.judge.Chronicle} gathers all that anybody was ever told of
 * any key at any revision: etcd's answers carry their place in history, so whatever two clients were told of one revision must
 * agree, and every read at a revision must be the state that the chronicle has for it, whichever member answered. And {@link
 * io.axolotl.jepsen.chaos.judge.KeysJudge} believes none of that but searches for an order in real time ({@link
 * io.axolotl.jepsen.order.LinearizabilitySearch}).
 *
 * <p>An unknown outcome counts as both: no judge flags what such a call may have done or may not have done.
 *
 * <p>Thread rule: judges are stateless and safe for all threads; what they build on the way is confined to one.
 */
@NullMarked
package io.axolotl.jepsen.chaos.judge;

import org.jspecify.annotations.NullMarked;
