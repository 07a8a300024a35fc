/**
 * A cluster to play with: real servers on this machine, on etcd's usual ports, in one terminal.
 *
 * <p>{@link io.axolotl.jepsen.playground.PlaygroundMain} reads the command line, {@link
 * io.axolotl.jepsen.playground.Playground} starts the nodes and tells what happens to them, {@link
 * io.axolotl.jepsen.playground.Console} takes commands such as {@code kill n2} while they run. A node that dies is reported
 * and left dead: watching the others go on, and the dead one catch up when it is started again, is what a playground is for.
 *
 * <p>Thread rule: commands are taken on the main thread, deaths and leaders are told from a watching thread.
 */
@NullMarked
package io.axolotl.jepsen.playground;

import org.jspecify.annotations.NullMarked;
