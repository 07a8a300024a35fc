/**
 * What is done to a cluster while clients are at work: faults, and schedules of them that follow from a seed.
 *
 * <p>A {@link io.axolotl.jepsen.chaos.nemesis.Fault} is one kind of thing that is done and undone; {@link
 * io.axolotl.jepsen.chaos.nemesis.Faults} knows them all by the names of the command line. A {@link
 * io.axolotl.jepsen.chaos.nemesis.Schedule} says when which of them comes and how long it stays: the same seed gives the same one,
 * on Axolotl and on etcd. Whom it hits is drawn when it comes, since who leads is not known before. The {@link
 * io.axolotl.jepsen.chaos.nemesis.Nemesis} plays it, several faults at once if several were asked for, and writes down what was done
 * when.
 *
 * <p>Faults that run at once do not know of each other: links add up, and a node that is killed, paused or damaged belongs to one
 * fault until it is as it was. Data of no more than a minority is ever destroyed at a time: what a cluster cannot survive by its very
 * definition shows nothing.
 *
 * <p>Thread rule: a nemesis has a thread for each stream of faults; schedules and faults are immutable.
 */
@NullMarked
package io.axolotl.jepsen.chaos.nemesis;

import org.jspecify.annotations.NullMarked;
