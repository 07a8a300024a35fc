/**
 * What a member does for the store by the clock, without being asked: it raises NOSPACE when its own store has reached the
 * quota, and while it leads it has history compacted as the settings say and tells sessions what time it is.
 *
 * <p>{@link io.axolotl.server.upkeep.Upkeep} is the loop. {@link io.axolotl.server.upkeep.AutoCompaction} says what is to be
 * compacted and when, from the time and the revisions that it is shown: etcd's two rules, with etcd's intervals, so that who
 * comes from etcd keeps as much history as before. What is due is proposed like a client's compaction, so all members compact
 * at the same place of the log; a leader that is replaced leaves off, and its successor has watched the revisions too.
 *
 * <p>{@link io.axolotl.server.upkeep.SessionTime} carries time into the log, by which sessions end that nobody uses.
 *
 * <p>Thread rule: confined to the thread of the loop, which waits for nobody.
 */
@NullMarked
package io.axolotl.server.upkeep;

import org.jspecify.annotations.NullMarked;
