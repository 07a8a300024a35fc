package io.axolotl.client.ctl;

import io.axolotl.client.Auth;
import io.axolotl.client.Bytes;
import io.axolotl.client.Header;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Permission;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands on roles. */
@Command(name = "role", description = "Role related commands")
final class RoleCommand {
    private RoleCommand() {}

    static CommandLine commandLine(Session session) {
        return new CommandLine(new RoleCommand())
                .addSubcommand(new AddCommand(session))
                .addSubcommand(new DeleteCommand(session))
                .addSubcommand(new GetCommand(session))
                .addSubcommand(new ListCommand(session))
                .addSubcommand(new GrantPermissionCommand(session))
                .addSubcommand(new RevokePermissionCommand(session));
    }

    /** Adds a role. */
    @Command(name = "add", description = "Adds a new role")
    static final class AddCommand extends AuthStep {
        AddCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "role add command requires role name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String role = text(arguments.get(0));
            printer.done("Role " + role + " created", auth.roleAdd(role).await());
        }
    }

    /** Deletes a role. */
    @Command(name = "delete", description = "Deletes a role")
    static final class DeleteCommand extends AuthStep {
        DeleteCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "role delete command requires role name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String role = text(arguments.get(0));
            printer.done("Role " + role + " deleted", auth.roleDelete(role).await());
        }
    }

    /** Tells what a role may do. */
    @Command(name = "get", description = "Gets detailed information of a role")
    static final class GetCommand extends AuthStep {
        GetCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "role get command requires role name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String role = text(arguments.get(0));
            printer.role(role, auth.roleGet(role).await());
        }
    }

    /** Lists all roles. */
    @Command(name = "list", description = "Lists all roles")
    static final class ListCommand extends AuthStep {
        ListCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 0, "role list command requires no arguments");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            printer.roles(auth.roles().await());
        }
    }

    /** @param keyAndEnd the end may be missing */
    private static KeyRange range(List<String> keyAndEnd, boolean isPrefix, boolean isFrom, String command) {
        if (keyAndEnd.size() == 1) {
            Bytes key = Arguments.bytes(keyAndEnd.get(0));
            AuthStep.require(!(isPrefix && isFrom), "--from-key and --prefix flags are mutually exclusive");
            if (isPrefix) {
                return KeyRange.prefix(key);
            }
            return isFrom ? KeyRange.from(key) : KeyRange.single(key);
        }
        AuthStep.require(
                !isPrefix && !isFrom,
                "unexpected endkey argument with " + (isPrefix ? "--prefix" : "--from-key") + " flag in role "
                        + command);
        return KeyRange.between(Arguments.bytes(keyAndEnd.get(0)), Arguments.bytes(keyAndEnd.get(1)));
    }

    /** Lets a role do something in a range. */
    @Command(name = "grant-permission", description = "Grants a key to a role")
    static final class GrantPermissionCommand extends AuthStep {
        @Option(names = "--prefix", description = "grant a prefix permission")
        private boolean prefix;

        @Option(
                names = "--from-key",
                description = "grant a permission of keys that are greater than or equal to the given key"
                        + " using byte compare")
        private boolean fromKey;

        GrantPermissionCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(
                    count == 3 || count == 4,
                    "role grant command requires role name, permission type, and key [endkey] as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String role = text(arguments.get(0));
            Permission permission = new Permission(
                    type(text(arguments.get(1))),
                    range(arguments.subList(2, arguments.size()), prefix, fromKey, "grant-permission"));
            printer.done(
                    "Role " + role + " updated",
                    auth.roleGrantPermission(role, permission).await());
        }

        private static Permission.Type type(String text) {
            try {
                return Permission.Type.valueOf(text.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw CtlFailure.badArgs("invalid permission type: " + text + "; give read, write or readwrite");
            }
        }
    }

    /** Takes exactly one range from a role. */
    @Command(name = "revoke-permission", description = "Revokes a key from a role")
    static final class RevokePermissionCommand extends AuthStep {
        @Option(names = "--prefix", description = "revoke a prefix permission")
        private boolean prefix;

        @Option(
                names = "--from-key",
                description = "revoke a permission of keys that are greater than or equal to the given"
                        + " key using byte compare")
        private boolean fromKey;

        RevokePermissionCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(
                    count == 2 || count == 3,
                    "role revoke-permission command requires role name and key [endkey] as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String role = text(arguments.get(0));
            KeyRange range = range(arguments.subList(1, arguments.size()), prefix, fromKey, "revoke-permission");
            Header header = auth.roleRevokePermission(role, range).await();
            String what = range.end().isEmpty()
                    ? "Permission of key " + range.key().utf8()
                    : "Permission of range " + AuthPrinter.interval(range);
            printer.done(what + " is revoked from role " + role, header);
        }
    }
}
