/**
 * Watches (contract B.7): who wants to hear of which keys, and how they are told.
 *
 * <p><b>The log is the buffer.</b> No event is handed from the apply thread to anybody. The apply thread only says that there
 * is more; {@link io.axolotl.server.api.watch.WatchHub} then reads the new events from the store's {@code rev} space, where
 * every applied change lies whole and in order. So nothing can be told that was not committed and applied, a snapshot that
 * takes the place of the store changes nothing but where the next look goes, and what a client has not taken yet costs no
 * memory: it is read again when there is room. What there is of buffers is gRPC's, and bounded: see below.
 *
 * <p><b>Synced, behind, parked.</b> A watcher is in one of three places ({@link io.axolotl.server.api.watch.Watcher.Place}).
 *
 * <pre>
 *              created from now on                        created with history
 *                       |                                          |
 *                       v          stream is not ready             v
 *                    SYNCED ------------------------> PARKED <--- BEHIND
 *                       ^                                |  ready   ^ |
 *                       |                                +----------+ |
 *                       +---------- has come to the tail -------------+
 * </pre>
 *
 * The synced ones share one reading: the tail, which follows the newest revision and looks up in one {@link
 * io.axolotl.server.api.watch.WatcherIndex} whom an event concerns. Those behind stand in {@link
 * io.axolotl.server.api.watch.Cohorts}, one for each revision that somebody has to go on from; cohorts take turns, read a bounded
 * piece each, and become one where they meet, so ten thousand clients that come back at once share their reading too. A parked
 * one has events to get and no room for them on its stream; it is no work for anybody until gRPC says that there is room, and
 * its siblings on other streams never notice.
 *
 * <p><b>Order.</b> A watcher remembers the first revision that it has not been given. Every reading begins there and whole
 * revisions are read and sent, so there is no gap, no repetition and no half of a revision (I8, GU-4). A bookmark announces the
 * tail, and only when every watcher of the stream is at it (A8).
 *
 * <p><b>Compaction.</b> Who is behind the compaction floor is told so and ends (WA-4). Who keeps up is never
 * told, whether it follows the tail or was put off for want of memory: what it still has to read is not removed before it has done so ({@link io.axolotl.server.driver.NodeService.HistoryFollower#neededFrom}, A6).
 *
 * <p><b>Bounds.</b> A sweep reads at most some hundred events beyond a whole revision, and drops them all when it is over. If one
 * revision is large and concerns many, only some get it in one sweep and the others in later ones ({@link
 * io.axolotl.server.api.watch.Sweep}). A message is sent only while the stream is ready, and is small unless one revision is large; what sits in gRPC is counted, and when all of it
 * together grows too large, the stream that holds most is ended, whose client goes on from where it was (A5). Requests are taken
 * in one by one as they are answered, so answers cannot pile up either.
 *
 * <p><b>Threads.</b> One thread per member, on which all of this runs: gRPC's callbacks only put a note into its queue. No lock is held
 * anywhere, and no call of gRPC blocks. The state machine is a {@link io.axolotl.server.stage.Stage}, so tests turn it by hand.
 * Everything here is confined to the watch thread unless it says otherwise.
 *
 * <p>docs/adr/0024 has what lost.
 */
@NullMarked
package io.axolotl.server.api.watch;

import org.jspecify.annotations.NullMarked;
