package io.axolotl.client.ctl;

import io.axolotl.client.Auth;
import io.axolotl.client.Header;
import io.axolotl.client.RefusedException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands on access control as a whole. */
@Command(name = "auth", description = "Enable or disable authentication")
final class AuthCommand {
    private static final String ROOT = "root";
    private static final String ROLE_MISSING = "etcdserver: root user does not have root role";

    private AuthCommand() {}

    static CommandLine commandLine(Session session) {
        return new CommandLine(new AuthCommand())
                .addSubcommand(new EnableCommand(session))
                .addSubcommand(new DisableCommand(session))
                .addSubcommand(new StatusCommand(session));
    }

    /** Switches it on; as etcdctl, gives the user root its role if that is all that is missing. */
    @Command(name = "enable", description = "Enables authentication")
    static final class EnableCommand extends AuthStep {
        EnableCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 0, "auth enable command does not accept any arguments");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            printer.done("Authentication Enabled", enable(auth));
        }

        private static Header enable(Auth auth) {
            try {
                return auth.enable().await();
            } catch (RefusedException refused) {
                if (!ROLE_MISSING.equals(refused.getMessage())) {
                    throw refused;
                }
            }
            if (!auth.roles().await().names().contains(ROOT)) {
                auth.roleAdd(ROOT).await();
            }
            auth.userGrantRole(ROOT, ROOT).await();
            return auth.enable().await();
        }
    }

    /** Switches it off. */
    @Command(name = "disable", description = "Disables authentication")
    static final class DisableCommand extends AuthStep {
        DisableCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 0, "auth disable command does not accept any arguments");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            printer.done("Authentication Disabled", auth.disable().await());
        }
    }

    /** Tells whether it is on. */
    @Command(name = "status", description = "Returns authentication status")
    static final class StatusCommand extends AuthStep {
        StatusCommand(Session session) {
            super(session);
        }

        @Override
        void check(int count) {
            require(count == 0, "auth status command does not accept any arguments");
        }

        @Override
        void run(Auth auth, AuthPrinter printer, List<String> arguments) {
            printer.status(auth.status().await());
        }
    }
}
