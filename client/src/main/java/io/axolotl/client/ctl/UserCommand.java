package io.axolotl.client.ctl;

import io.axolotl.client.Auth;
import io.axolotl.client.NamesResult;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands on users. */
@Command(name = "user", description = "User related commands")
final class UserCommand {
    private UserCommand() {}

    static CommandLine commandLine(Session session) {
        return new CommandLine(new UserCommand())
                .addSubcommand(new AddCommand(session))
                .addSubcommand(new DeleteCommand(session))
                .addSubcommand(new GetCommand(session))
                .addSubcommand(new ListCommand(session))
                .addSubcommand(new PasswordCommand(session))
                .addSubcommand(new GrantRoleCommand(session))
                .addSubcommand(new RevokeRoleCommand(session));
    }

    /** Adds a user. */
    @Command(name = "add", description = "Adds a new user")
    static final class AddCommand extends AuthStep {
        @Option(
                names = "--interactive",
                arity = "0..1",
                defaultValue = "true",
                fallbackValue = "true",
                description = "read password from stdin instead of interactive terminal")
        private boolean interactive;

        @Option(names = "--no-password", description = "create a user without password (CN based auth only)")
        private boolean noPassword;

        @Option(names = "--new-user-password", description = "supply password from the command line flag")
        private String newPassword = "";

        AddCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "user add command requires user name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String given = text(arguments.get(0));
            int colon = given.indexOf(':');
            if (noPassword) {
                printer.done(
                        "User " + given + " created",
                        auth.userAddWithoutPassword(given).await());
                return;
            }
            String name = colon < 0 || !newPassword.isEmpty() ? given : given.substring(0, colon);
            require(!name.isEmpty(), "empty user name is not allowed");
            String password;
            if (!newPassword.isEmpty()) {
                password = text(newPassword);
            } else if (colon >= 0) {
                password = given.substring(colon + 1);
            } else {
                password = interactive
                        ? PasswordInput.askNew(session().console(), name)
                        : PasswordInput.line(session().console());
            }
            printer.done(
                    "User " + name + " created", auth.userAdd(name, password).await());
        }
    }

    /** Deletes a user. */
    @Command(name = "delete", description = "Deletes a user")
    static final class DeleteCommand extends AuthStep {
        DeleteCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "user delete command requires user name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String name = text(arguments.get(0));
            printer.done("User " + name + " deleted", auth.userDelete(name).await());
        }
    }

    /** Tells the roles of a user. */
    @Command(name = "get", description = "Gets detailed information of a user")
    static final class GetCommand extends AuthStep {
        @Option(names = "--detail", description = "Show permissions of roles granted to the user")
        private boolean detail;

        GetCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "user get command requires user name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String name = text(arguments.get(0));
            NamesResult roles = auth.userGet(name).await();
            if (!detail) {
                printer.user(name, roles);
                return;
            }
            session().console().line("User: " + name);
            for (String role : roles.names()) {
                session().console().line("");
                printer.role(role, auth.roleGet(role).await());
            }
        }
    }

    /** Lists all users. */
    @Command(name = "list", description = "Lists all users")
    static final class ListCommand extends AuthStep {
        ListCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 0, "user list command requires no arguments");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            printer.users(auth.users().await());
        }
    }

    /** Changes a password. */
    @Command(name = "passwd", description = "Changes password of user")
    static final class PasswordCommand extends AuthStep {
        @Option(
                names = "--interactive",
                arity = "0..1",
                defaultValue = "true",
                fallbackValue = "true",
                description = "if true, read password from stdin instead of interactive terminal")
        private boolean interactive;

        PasswordCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 1, "user passwd command requires user name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String name = text(arguments.get(0));
            String password = interactive
                    ? PasswordInput.askNew(session().console(), name)
                    : PasswordInput.line(session().console());
            printer.done(
                    "Password updated", auth.userChangePassword(name, password).await());
        }
    }

    /** Gives a role to a user. */
    @Command(name = "grant-role", description = "Grants a role to a user")
    static final class GrantRoleCommand extends AuthStep {
        GrantRoleCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 2, "user grant command requires user name and role name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String user = text(arguments.get(0));
            String role = text(arguments.get(1));
            printer.done(
                    "Role " + role + " is granted to user " + user,
                    auth.userGrantRole(user, role).await());
        }
    }

    /** Takes a role from a user. */
    @Command(name = "revoke-role", description = "Revokes a role from a user")
    static final class RevokeRoleCommand extends AuthStep {
        RevokeRoleCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 2, "user revoke-role requires user name and role name as its argument");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            String user = text(arguments.get(0));
            String role = text(arguments.get(1));
            printer.done(
                    "Role " + role + " is revoked from user " + user,
                    auth.userRevokeRole(user, role).await());
        }
    }
}
