/**
 * Applying committed entries: where the log becomes state.
 *
 * <p>{@link io.axolotl.storage.statemachine.KvStateMachine} takes runs of committed entries and makes each run one atomic
 * write: keys, history, membership, the attributes of members, and the id of the last applied entry. After a crash the
 * state is that of some prefix of the log, and says of which (pitfall 48); replay goes on from there.
 *
 * <p>The same entries give the same state on every member, cut into whatever runs: nothing here looks at a clock, at
 * chance, at the order of a hash table, or at how far this member's disk has come (pitfall 50). A command that is not
 * known, or that breaks a rule which the proposer had to check, stops the node; it is never skipped (pitfall 49).
 *
 * <p>A command that says which call of a session it is goes through {@code storage.session} first: a repeat is answered there
 * and executed nowhere (pitfall 51).
 *
 * <p>{@link io.axolotl.storage.statemachine.CommandExecutor} holds the rules of single commands and of transactions
 * (contract B.3 to B.6); the rules of reading are in {@code storage.mvcc.Keyspace}.
 *
 * <p>Called by the server's apply thread; reads come from all threads.
 */
@NullMarked
package io.axolotl.storage.statemachine;

import org.jspecify.annotations.NullMarked;
