/**
 * Who may do what, as replicated state (contract B.11): users with the hashes of their passwords, roles with ranges of keys,
 * whether any of that is asked for, and the auth revision, which counts the changes.
 *
 * <p>{@link io.axolotl.storage.auth.AuthState} is the state as of some entry, immutable, so that whoever serves a read looks at
 * one consistent whole. {@link io.axolotl.storage.auth.AuthRules} makes the next of it from a command. {@link
 * io.axolotl.storage.auth.Access} is what one caller may do under one state: the same code decides when a command is applied
 * and when a member serves a read. {@link io.axolotl.storage.auth.AccessRules} asks it about whole commands.
 *
 * <p><b>Decided where it is applied.</b> A command carries who called ({@link io.axolotl.storage.command.Caller}) and is held
 * against the state that its own entry finds. So a change of permissions takes effect between two entries, the same two on
 * every member, and members cannot part over it, whatever each of them knew when the command was proposed (etcd issue 14571).
 * The state comes back with a snapshot like any other, never from what a member remembers.
 *
 * <p><b>What is secret.</b> A password never gets here: whoever takes a call hashes it first. Of a token the log carries a
 * SHA-256 only, and the state does not hold it at all.
 *
 * <p><b>What is durable</b> lies in {@code meta} from code 0x40 on, drawn in docs/formats/rocksdb-keys.md, written with the run
 * that it belongs to.
 *
 * <p>Called by {@code storage.statemachine} on the apply thread, and by the server's services from all threads: everything here
 * is immutable but for what the apply thread keeps to itself.
 */
@NullMarked
package io.axolotl.storage.auth;

import org.jspecify.annotations.NullMarked;
