/**
 * What is inside a log entry: commands, what applying them comes to, and their bytes.
 *
 * <p>The Raft core replicates opaque payloads. This package gives them meaning, for {@code storage.statemachine}, which
 * applies them, and for the server, which proposes them and answers their callers. The bytes are kept as long as the log
 * is, and are read by every member of the cluster, so they are a durable format: versioned, described in
 * docs/formats/command.md, and pinned by tests that hold the exact bytes of each type.
 *
 * <p>A member that meets a command it does not know must not skip it, for then it would differ from the others without
 * anyone noticing: it stops ({@link io.axolotl.storage.command.UnknownCommandException}).
 *
 * <p>Everything here is immutable, arrays by convention, and safe for all threads.
 */
@NullMarked
package io.axolotl.storage.command;

import org.jspecify.annotations.NullMarked;
