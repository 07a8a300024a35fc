/**
 * From a data folder to a node that can take part: {@link io.axolotl.server.recovery.Recovery#recover} is the list of steps
 * of design part 4 and reads like it.
 *
 * <p>Two ideas. Recovery never guesses: it cuts what a crash may leave behind, repairs what only damage can leave behind from
 * what is whole here or at the others ({@code LogRepair}, {@link io.axolotl.server.recovery.StoreRepair}), refuses what nobody
 * can repair, and lets entries above the applied index wait until a leader commits them. And it is measured: each step leaves its time
 * and what it found in a {@link io.axolotl.server.recovery.RecoveryRecord}, which the node keeps, logs and exports, and to
 * which catching up with the others is added when it is done.
 *
 * <p>{@link io.axolotl.server.recovery.LiveState} is what recovery and the running node share: it makes snapshots of the
 * state, and puts a received one in its place.
 *
 * <p>Thread rule: recovery runs on the thread that starts the node, before any other exists. Records are immutable.
 */
@NullMarked
package io.axolotl.server.recovery;

import org.jspecify.annotations.NullMarked;
