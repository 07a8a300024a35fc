/**
 * The recovery demo: three real servers lose their leader, a follower, and at last everything, while writers go on; and at
 * the end every acknowledged write is counted.
 *
 * <p>{@link io.axolotl.jepsen.demo.RecoveryDemoMain} reads the command line; {@link io.axolotl.jepsen.demo.RecoveryDemo} is
 * the script, one method per phase; {@link io.axolotl.jepsen.demo.Stage} lends the phases the cluster, the load and the
 * measuring; {@link io.axolotl.jepsen.demo.Board} shows what happens while it happens; {@link
 * io.axolotl.jepsen.demo.DemoReport} keeps the figures, as JSON and as Markdown.
 *
 * <p>Everything is measured from outside, as a client or an operator would see it, except the steps of recovery and the
 * snapshot transfer, which the nodes themselves report ({@link io.axolotl.jepsen.demo.NodeRecovery}).
 *
 * <p>Thread rule: the script runs on the main thread; the board redraws from its own.
 */
@NullMarked
package io.axolotl.jepsen.demo;

import org.jspecify.annotations.NullMarked;
