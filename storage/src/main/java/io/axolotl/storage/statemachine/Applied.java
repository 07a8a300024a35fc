package io.axolotl.storage.statemachine;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one applied entry. Immutable.
 *
 * @param requestId whose call this answers, or null for an entry that carries no command
 * @param result null if the entry carries no command, or nobody here awaits what came of it; of tokens and of compared digests it is always told
 */
public record Applied(
        EntryId id, @Nullable RequestId requestId, @Nullable CommandResult result) {}
