/**
 * Exactly-once writes as replicated state (pitfall 51): which clients number their calls, and what the last call of each of
 * their slots came to. A repeat of a call is answered by what is kept and changes nothing; a call of a session that is not
 * known is refused and never executed.
 *
 * <p>{@link io.axolotl.storage.session.SessionTable} holds all sessions in memory and writes each change into the run that it
 * belongs to, so a write and the fact that it has happened are durable together. {@link io.axolotl.storage.session.KeptAnswer}
 * is the durable form of an outcome.
 *
 * <p><b>Slots instead of a window.</b> A client has many calls under way, and one that hangs must not keep the outcomes of all
 * that came after it in memory. So a session has slots with one call in each at a time, and a new call in a slot says by its
 * higher number that the one before is over. What is kept is bounded by the slots that were ever used at once; a call that
 * its client has given up can do nothing any more from the moment its slot has another one.
 *
 * <p><b>What is bounded.</b> Sessions (the command that opens one says how many) and slots: beyond, the session that was idle
 * for longest makes room, if it was idle for a minute; else the newcomer is refused. Bytes of kept answers, of all sessions and
 * of each: beyond, an answer is kept only if it is as small as that of a plain write.
 *
 * <p><b>Time</b> is carried by the log: a leader says by a command how much has passed, in its own term or not at all. It may
 * say less than is true, never more, so a session never ends too early. No clock is read here.
 *
 * <p>Called by {@code storage.statemachine} on the apply thread.
 */
@NullMarked
package io.axolotl.storage.session;

import org.jspecify.annotations.NullMarked;
