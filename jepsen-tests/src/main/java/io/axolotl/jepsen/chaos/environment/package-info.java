/**
 * What a cluster runs on, made so that it can be hurt: links, disks, clocks, processor time and system calls.
 *
 * <p>Each ability is tried before anything is started ({@link io.axolotl.jepsen.chaos.environment.Environment#missing}): what this
 * machine lacks is named with its reason, and the faults that need it are skipped by name. As root all that is made lives inside an
 * {@link io.axolotl.jepsen.process.Enclosure} and ends with it, whatever becomes of the program: every node in a network namespace
 * of its own, on a file system of its own. Without rights there are proxies on 127.0.0.1 instead, and fewer faults.
 *
 * <p>Links are directed and their faults add up ({@link io.axolotl.jepsen.chaos.environment.LinkRules}): several faults at once need not
 * know of each other.
 *
 * <p>Thread rule: an environment is made and closed by one thread; links may be hurt by all.
 */
@NullMarked
package io.axolotl.jepsen.chaos.environment;

import org.jspecify.annotations.NullMarked;
