/**
 * How large it may get: many keys, long ranges, many watchers and watchers that do not read, on Axolotl and on etcd alike.
 *
 * <p>Each of the four parts ({@link io.axolotl.jepsen.sizes.KeysPart}, {@link io.axolotl.jepsen.sizes.StreamPart}, {@link
 * io.axolotl.jepsen.sizes.WatchersPart}, {@link io.axolotl.jepsen.sizes.SlowPart}) starts a {@link
 * io.axolotl.jepsen.sizes.Subject} of its own, a cluster of one system, and talks to one member of it in generated messages: the same
 * client for both. What is measured is also judged: every key must be there with its value, every range whole and in order, and
 * every watcher ({@link io.axolotl.jepsen.sizes.Witness}) must have seen each change of its keys once, in order. {@link
 * io.axolotl.jepsen.sizes.SizesMain} makes tables of the figures, and an exit code of the judgement.
 *
 * <p>The witness needs no list of what was written: the version that an event carries counts the changes of its key, so a gap is
 * a change that was missed, and what the store says at the end is how far it must have come.
 *
 * <p>The load shares the machine with the servers and is in their way. Ratios within one run mean something, absolute figures
 * only with the machine they are from.
 *
 * <p>Thread rule: parts are confined to the main thread; answers and events arrive on event loops, and the classes that take
 * them say how they guard themselves.
 */
@NullMarked
package io.axolotl.jepsen.sizes;

import org.jspecify.annotations.NullMarked;
