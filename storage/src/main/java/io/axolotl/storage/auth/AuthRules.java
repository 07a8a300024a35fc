package io.axolotl.storage.auth;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.Permission;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.WriteTxn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of users and roles (AU-5 to AU-8), in the order in which etcd finds a broken one. Each decides from what is applied
 * alone, and writes what it changes beside the state it returns.
 *
 * <p>Stateless. Confined to the apply thread.
 */
public final class AuthRules {
    private AuthRules() {}

    /** What a command came to. */
    public record Outcome(AuthState auth, CommandResult result) {}

    /** One command on its way: what it finds, and where it writes. */
    private record Step(WriteTxn txn, AuthState auth, EntryId at) {
        Outcome refused(Refusal why) {
            return new Outcome(auth, new CommandResult.Refused(why));
        }

        Outcome unchanged() {
            return new Outcome(auth, new CommandResult.AuthChanged(txn.revision()));
        }

        Outcome changed(AuthState after) {
            put(MetaKeys.auth(), after.encode());
            return new Outcome(after, new CommandResult.AuthChanged(txn.revision()));
        }

        Outcome withUser(User user) {
            NavigableMap<String, User> users = auth.copyOfUsers();
            users.put(user.name(), user);
            put(user);
            return changed(auth.changed(users, auth.copyOfRoles()));
        }

        Outcome withRole(Role role) {
            NavigableMap<String, Role> roles = auth.copyOfRoles();
            roles.put(role.name(), role);
            put(MetaKeys.role(Names.bytes(role.name())), role.encode());
            return changed(auth.changed(auth.copyOfUsers(), roles));
        }

        void put(User user) {
            put(MetaKeys.user(Names.bytes(user.name())), user.encode());
        }

        /** The digest takes it in, for nothing of it shows in the keyspace. */
        void put(byte[] key, byte[] value) {
            txn.putMeta(key, value);
            txn.fold(value);
        }

        void delete(byte[] key) {
            txn.deleteMeta(key);
            txn.fold(key);
        }
    }

    /** @param at the entry that holds the command */
    public static Outcome apply(WriteTxn txn, AuthState auth, Command.OfAuth command, EntryId at) {
        Step step = new Step(txn, auth, at);
        if (command instanceof Command.EnableAuth) {
            return enable(step);
        } else if (command instanceof Command.DisableAuth) {
            return auth.isEnabled() ? step.changed(auth.disabled()) : step.unchanged();
        } else if (command instanceof Command.AddUser add) {
            return addUser(step, add);
        } else if (command instanceof Command.DeleteUser delete) {
            return deleteUser(step, delete.user());
        } else if (command instanceof Command.ChangePassword change) {
            return changePassword(step, change);
        } else if (command instanceof Command.GrantRole grant) {
            return grantRole(step, grant.user(), grant.role());
        } else if (command instanceof Command.RevokeRole revoke) {
            return revokeRole(step, revoke.user(), revoke.role());
        } else if (command instanceof Command.AddRole add) {
            return addRole(step, add.role());
        } else if (command instanceof Command.DeleteRole delete) {
            return deleteRole(step, delete.role());
        } else if (command instanceof Command.GrantPermission grant) {
            return grantPermission(step, grant);
        } else if (command instanceof Command.RevokePermission revoke) {
            return revokePermission(step, revoke);
        } else if (command instanceof Command.AssignToken assign) {
            return assignToken(step, assign);
        }
        throw new AssertionError("a command on users or roles without a rule: " + command);
    }

    /** AU-5. */
    private static Outcome enable(Step step) {
        if (step.auth.isEnabled()) {
            return step.unchanged();
        }
        User root = step.auth.user(User.ROOT);
        if (root == null) {
            return step.refused(Refusal.ROOT_USER_MISSING);
        }
        return root.isRoot()
                ? step.changed(step.auth.enabled(step.at.index()))
                : step.refused(Refusal.ROOT_ROLE_MISSING);
    }

    /** AU-7. */
    private static Outcome addUser(Step step, Command.AddUser add) {
        if (add.user().isEmpty()) {
            return step.refused(Refusal.USER_EMPTY);
        }
        if (step.auth.user(add.user()) != null) {
            return step.refused(Refusal.USER_EXISTS);
        }
        return step.withUser(new User(add.user(), add.passwordHash(), List.of(), step.at.index()));
    }

    private static Outcome deleteUser(Step step, String name) {
        if (isLastKey(step, name, User.ROOT)) {
            return step.refused(Refusal.INVALID_AUTH_MANAGEMENT);
        }
        NavigableMap<String, User> users = step.auth.copyOfUsers();
        if (users.remove(name) == null) {
            return step.refused(Refusal.USER_NOT_FOUND);
        }
        step.delete(MetaKeys.user(Names.bytes(name)));
        return step.changed(step.auth.changed(users, step.auth.copyOfRoles()));
    }

    /** AU-6: what nobody may lose while access control is on, for nobody could give it back. */
    private static boolean isLastKey(Step step, String name, String held) {
        return step.auth.isEnabled() && name.equals(User.ROOT) && held.equals(User.ROOT);
    }

    /** A user that was made without a password stays so, as with etcd. */
    private static Outcome changePassword(Step step, Command.ChangePassword change) {
        User user = step.auth.user(change.user());
        if (user == null) {
            return step.refused(Refusal.USER_NOT_FOUND);
        }
        byte[] hash = user.hasPassword() ? change.passwordHash() : user.passwordHash();
        return step.withUser(new User(user.name(), hash, user.roles(), step.at.index()));
    }

    private static Outcome grantRole(Step step, String userName, String role) {
        User user = step.auth.user(userName);
        if (user == null) {
            return step.refused(Refusal.USER_NOT_FOUND);
        }
        // Role root need not be there.
        if (!role.equals(User.ROOT) && step.auth.role(role) == null) {
            return step.refused(Refusal.ROLE_NOT_FOUND);
        }
        if (user.roles().contains(role)) {
            return step.unchanged();
        }
        List<String> roles = new ArrayList<>(user.roles());
        roles.add(role);
        roles.sort(Names.ORDER);
        return step.withUser(user.withRoles(roles));
    }

    private static Outcome revokeRole(Step step, String userName, String role) {
        if (isLastKey(step, userName, role)) {
            return step.refused(Refusal.INVALID_AUTH_MANAGEMENT);
        }
        User user = step.auth.user(userName);
        if (user == null) {
            return step.refused(Refusal.USER_NOT_FOUND);
        }
        if (!user.roles().contains(role)) {
            return step.refused(Refusal.ROLE_NOT_GRANTED);
        }
        return step.withUser(withoutRole(user, role));
    }

    private static User withoutRole(User user, String role) {
        return user.withRoles(
                user.roles().stream().filter(held -> !held.equals(role)).toList());
    }

    private static Outcome addRole(Step step, String name) {
        if (name.isEmpty()) {
            return step.refused(Refusal.ROLE_EMPTY);
        }
        return step.auth.role(name) != null
                ? step.refused(Refusal.ROLE_EXISTS)
                : step.withRole(new Role(name, List.of()));
    }

    /** From all its holders too. */
    private static Outcome deleteRole(Step step, String name) {
        if (isLastKey(step, User.ROOT, name)) {
            return step.refused(Refusal.INVALID_AUTH_MANAGEMENT);
        }
        NavigableMap<String, Role> roles = step.auth.copyOfRoles();
        if (roles.remove(name) == null) {
            return step.refused(Refusal.ROLE_NOT_FOUND);
        }
        step.delete(MetaKeys.role(Names.bytes(name)));
        NavigableMap<String, User> users = step.auth.copyOfUsers();
        for (User user : step.auth.copyOfUsers().values()) {
            if (user.roles().contains(name)) {
                User after = withoutRole(user, name);
                users.put(user.name(), after);
                step.put(after);
            }
        }
        return step.changed(step.auth.changed(users, roles));
    }

    /** AU-8. */
    private static Outcome grantPermission(Step step, Command.GrantPermission grant) {
        if (!isWellFormed(grant.permission())) {
            return step.refused(Refusal.INVALID_AUTH_MANAGEMENT);
        }
        Role role = step.auth.role(grant.role());
        return role == null ? step.refused(Refusal.ROLE_NOT_FOUND) : step.withRole(role.with(grant.permission()));
    }

    /** Whether the range has a beginning, and an end behind it if it has one. */
    private static boolean isWellFormed(Permission permission) {
        byte[] end = permission.rangeEnd();
        boolean isOpenOrSingle = end.length == 0 || KeyRanges.isOpen(end);
        return permission.key().length > 0 && (isOpenOrSingle || Arrays.compareUnsigned(permission.key(), end) < 0);
    }

    private static Outcome revokePermission(Step step, Command.RevokePermission revoke) {
        Role role = step.auth.role(revoke.role());
        if (role == null) {
            return step.refused(Refusal.ROLE_NOT_FOUND);
        }
        return role.has(revoke.key(), revoke.rangeEnd())
                ? step.withRole(role.without(revoke.key(), revoke.rangeEnd()))
                : step.refused(Refusal.PERMISSION_NOT_GRANTED);
    }

    /** The password was right for what the user was when it was checked; if that is over, it has to be checked again. */
    private static Outcome assignToken(Step step, Command.AssignToken assign) {
        User user = step.auth.user(assign.user());
        if (!step.auth.isEnabled()) {
            return step.refused(Refusal.AUTH_NOT_ENABLED);
        }
        return isAsChecked(user, assign.credentialIndex())
                ? new Outcome(
                        step.auth,
                        new CommandResult.TokenAssigned(
                                step.txn.revision(), step.at.index(), assign.user(), assign.tokenHash()))
                : step.refused(Refusal.AUTH_OLD_REVISION);
    }

    private static boolean isAsChecked(@Nullable User user, long credentialIndex) {
        return user != null && user.credentialIndex() == credentialIndex;
    }
}
