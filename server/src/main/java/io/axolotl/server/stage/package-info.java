/**
 * Threads and the queues between them, without anything of Raft in it.
 *
 * <p>Three ideas. A <b>stage</b> is a loop body, and its thread is a setting: on a small machine a hand-off between threads
 * costs more than the work it hands over, on a large one the stages overlap ({@link io.axolotl.server.stage.Stage}); and
 * whoever brings work to a sleeping stage may do it ({@link io.axolotl.server.stage.Lender}). A
 * <b>queue</b> is emptied whole, so that work gathers into batches exactly while the consumer is busy, and it is bounded
 * in items and in bytes ({@link io.axolotl.server.stage.BatchQueue}, pitfall 62). And <b>no thread dies alone</b>: what
 * escapes from one, or hangs in one, ends the process through {@link io.axolotl.server.stage.FatalHandler} (pitfalls 49,
 * 54, 67).
 *
 * <p>Thread rule: said per class. Nothing here knows a package above it.
 */
@NullMarked
package io.axolotl.server.stage;

import org.jspecify.annotations.NullMarked;
