/**
 * The engine room: everything between a call and its answer. {@link io.axolotl.server.driver.NodeService} is what the API
 * sees of it, {@link io.axolotl.server.driver.Pipeline} puts it together.
 *
 * <p>The way of a write: {@code ProposalRegistry} encodes the command once and queues it; {@code RaftDriver} steps all that
 * has arrived into the core and takes one {@code Ready}; {@code ReadyRunner} sends what may leave at once and hands the rest
 * to {@code LogWriter}, which writes, syncs once, sends what rested on that, and tells the core; what is committed goes to
 * {@code Applier}, which changes the state in one atomic write per run and answers the callers. The flow goes down once and
 * comes up once: completions re-enter as inputs by the same queue, and nobody below calls anybody above.
 *
 * <p>Three ideas. <b>One writer</b>: Raft's state belongs to one thread and has no lock around it (pitfall 65). <b>Batches
 * form by themselves</b>: each stage takes all that has gathered while it was busy, so there is group commit, group apply
 * and group reading without a timer. <b>Three outcomes</b>: done, certainly not, and unknown are told apart for every
 * proposal, also across forwarding and changes of leadership ({@code ProposalRegistry} says how).
 *
 * <p>Thread rule: each class names the thread that it is confined to. "The driver thread" is whoever has the driver's turn: its
 * own thread, or while that sleeps an event loop that brings work ({@link io.axolotl.server.stage.StageThread}). Callbacks of callers run on the apply thread when all
 * goes well, and on the driver or the caller's own thread when a call is refused.
 */
@NullMarked
package io.axolotl.server.driver;

import org.jspecify.annotations.NullMarked;
