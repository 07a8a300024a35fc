/**
 * Members of a running cluster come and go, while writers write: real processes, and etcd's Cluster service, so that the same
 * change is asked of Axolotl and of a real etcd.
 *
 * <p>A {@link io.axolotl.jepsen.membership.Walk} is the cluster and the load on it, and knows the single changes; a {@link
 * io.axolotl.jepsen.membership.Route} is a sequence of them. Every change is timed, with the time in which nobody was served; at
 * the end every acknowledged write is looked for, and all members must hold the same. {@link
 * io.axolotl.jepsen.membership.MembersMain} makes a table of it, the tests make a verdict.
 *
 * <p>Thread rule: a walk is confined to one thread.
 */
@NullMarked
package io.axolotl.jepsen.membership;

import org.jspecify.annotations.NullMarked;
