/**
 * {@code axolotl ctl}: the command line, in the words and output forms of etcdctl 3.4, so that scripts and habits carry over.
 *
 * <p>{@link io.axolotl.client.ctl.CtlMain} reads the command line; one class per command turns arguments into a call of
 * {@code io.axolotl.client} and hands the typed result to a printer. There is an interface for each kind of answer ({@code
 * KvPrinter}, {@code EndpointPrinter} and so on) and a class for each form (simple, json, fields, protobuf, table), which
 * implements the kinds that have this form. The printer is chosen before anything is sent: etcdctl writes first and then finds
 * that it cannot print; this one does not. A {@code Session} is one command line: its global flags, its printer, and its
 * clients, which end with it.
 *
 * <p>{@code Shell} runs many command lines. Each is a session of its own, in {@code Surroundings} that say what is otherwise: the
 * shell's client, which is lent ({@code Clients}), its flags as standard values, and a console. Where lines come from and
 * where commands write is a {@code ShellScreen}: {@code TerminalScreen} with JLine, or {@code ScriptScreen} for standard input.
 * {@code ShellWords} takes lines apart; {@code ShellJobs} holds what runs in the background.
 *
 * <p>Where it differs from etcdctl on purpose: a failed write whose outcome is unknown says so; a dead endpoint is named, with
 * the reason, instead of "context deadline exceeded"; {@code compact} is another name of {@code compaction}; {@code get
 * --count-only} exists; {@code lease("k")} in transactions works instead of crashing.
 *
 * <p>Thread rule: one command runs on one thread. An interrupt ends it, and what it holds (a lock, a watch) is given back.
 */
@NullMarked
package io.axolotl.client.ctl;

import org.jspecify.annotations.NullMarked;
