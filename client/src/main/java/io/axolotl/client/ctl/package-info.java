/**
 * {@code axolotl ctl}: the command line, in the words and output forms of etcdctl 3.4, so that scripts and habits carry over.
 *
 * <p>{@link io.axolotl.client.ctl.CtlMain} reads the command line; one class per command turns arguments into a call of
 * {@code io.axolotl.client} and hands the typed result to a printer. Printers come in two kinds, since etcdctl has no table
 * for keys: {@code KvPrinter} (simple, json) and {@code ClusterPrinter} (simple, json, table). The printer is chosen before
 * anything is sent: etcdctl writes first and then finds that it cannot print; this one does not.
 *
 * <p>Where it differs from etcdctl on purpose: a failed write whose outcome is unknown says so; a dead endpoint is named, with
 * the reason, instead of "context deadline exceeded"; {@code compact} is another name of {@code compaction}; {@code get
 * --count-only} exists; {@code lease("k")} in transactions works instead of crashing.
 *
 * <p>Thread rule: one command runs on one thread.
 */
@NullMarked
package io.axolotl.client.ctl;

import org.jspecify.annotations.NullMarked;
