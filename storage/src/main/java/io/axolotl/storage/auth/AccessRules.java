package io.axolotl.storage.auth;

import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.mvcc.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Who may have a command applied (AU-9, AU-10). A command of a client that says nobody's name is refused: a caller that was
 * forgotten on the way is no way in.
 *
 * <p>Stateless; safe for all threads. Part of the meaning of the log.
 */
public final class AccessRules {
    private AccessRules() {}

    /** @return null if it may */
    public static @Nullable Refusal refusalOf(
            AuthState auth, Caller caller, Command command, Access.Attached attached) {
        if (!auth.isEnabled() || isOfMembersAlone(command)) {
            return null;
        }
        Access access = Access.of(auth, caller);
        if (command instanceof Command.Put put) {
            return access.put(put, attached);
        } else if (command instanceof Command.Txn txn) {
            return access.txn(txn, attached);
        } else if (command instanceof Command.DeleteRange delete) {
            return access.deleteRange(delete);
        } else if (command instanceof Command.GrantLease || command instanceof Command.OpenSession) {
            return access.asUser();
        } else if (command instanceof Command.RevokeLease revoke) {
            return access.writeAttached(revoke.id(), attached);
        }
        return access.asRoot();
    }

    /** What no client can ask for. A token is given to whoever has shown a password, who has none yet. */
    private static boolean isOfMembersAlone(Command command) {
        return command instanceof Command.PublishMember
                || command instanceof Command.CheckDigest
                || command instanceof Command.ExpireLease
                || command instanceof Command.CheckpointLeases
                || command instanceof Command.PassTime
                || command instanceof Command.AssignToken;
    }
}
