/**
 * Servers with a bug each, to show that workloads and judges see it: a judge that never saw a bug proves nothing. {@link
 * io.axolotl.jepsen.chaos.planted.PlantedServerMain} starts the production server and bends one thing of it, at a port that it has anyway:
 * its disk, its engine, its way to the peers, or the node that serves its clients ({@link io.axolotl.server.Between}). So a bug is what code behind
 * that port would have done wrong, and no production class has a switch for it.
 *
 * <p>{@link io.axolotl.jepsen.chaos.planted.PlantedServerBug} lists them, each with the run that has to catch it.
 *
 * <p>Thread rule: what is bent keeps the rule of the port it is bent at.
 */
@NullMarked
package io.axolotl.jepsen.chaos.planted;

import org.jspecify.annotations.NullMarked;
