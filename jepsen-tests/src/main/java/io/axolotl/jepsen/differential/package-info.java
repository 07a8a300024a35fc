/**
 * Axolotl held against etcd, call by call.
 *
 * <p>Two servers of one member each ({@link io.axolotl.jepsen.differential.TwoServers}) get the same calls in the same order. What
 * the one answers the other must answer: every field, every error's code and text, every event. The only things left out are those
 * that must differ: ids of clusters and members, terms, and the seconds that a lease has left.
 *
 * <p>The ideas:
 *
 * <ul>
 *   <li>Calls come in episodes ({@link io.axolotl.jepsen.differential.Episode}), drawn from one seed. An episode starts from
 *       nothing: no keys, no leases, all history compacted away. Revisions are counted from there, in requests as in answers ({@link
 *       io.axolotl.jepsen.differential.Revisions}), so that an episode means the same on any server at any time, and one that
 *       found something can be played again and again while calls are left out of it ({@link
 *       io.axolotl.jepsen.differential.Shrinker}).
 *   <li>Keys are few, so that calls meet; a dozen at most, since the order of keys that sort alike is etcd's own only in short
 *       answers.
 *   <li>What is equal without being looked at proves nothing: the tests plant differences and require that they are found.
 * </ul>
 *
 * <p>{@link io.axolotl.jepsen.differential.DifferentialMain} is the command; the conformance tests use the servers and endpoints
 * from here. Thread rule: classes are confined to one thread unless they say otherwise.
 */
@NullMarked
package io.axolotl.jepsen.differential;

import org.jspecify.annotations.NullMarked;
