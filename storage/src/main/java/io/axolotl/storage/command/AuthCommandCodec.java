package io.axolotl.storage.command;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The bodies of the commands on users and roles, for {@link CommandCodec}. Safe for all threads. */
final class AuthCommandCodec {
    private static final List<Permission.Type> TYPES = List.of(Permission.Type.values());

    private AuthCommandCodec() {}

    static int typeOf(Command.OfAuth command) {
        if (command instanceof Command.EnableAuth) {
            return CommandCodec.ENABLE_AUTH;
        } else if (command instanceof Command.DisableAuth) {
            return CommandCodec.DISABLE_AUTH;
        } else if (command instanceof Command.AddUser) {
            return CommandCodec.ADD_USER;
        } else if (command instanceof Command.DeleteUser) {
            return CommandCodec.DELETE_USER;
        } else if (command instanceof Command.ChangePassword) {
            return CommandCodec.CHANGE_PASSWORD;
        } else if (command instanceof Command.GrantRole) {
            return CommandCodec.GRANT_ROLE;
        } else if (command instanceof Command.RevokeRole) {
            return CommandCodec.REVOKE_ROLE;
        } else if (command instanceof Command.AddRole) {
            return CommandCodec.ADD_ROLE;
        } else if (command instanceof Command.DeleteRole) {
            return CommandCodec.DELETE_ROLE;
        } else if (command instanceof Command.GrantPermission) {
            return CommandCodec.GRANT_PERMISSION;
        } else if (command instanceof Command.RevokePermission) {
            return CommandCodec.REVOKE_PERMISSION;
        } else if (command instanceof Command.AssignToken) {
            return CommandCodec.ASSIGN_TOKEN;
        }
        throw new AssertionError("a command on users or roles without a type code: " + command);
    }

    static void write(ByteSink out, Command.OfAuth command) {
        out.u8(0);
        if (command instanceof Command.AddUser add) {
            text(out, add.user());
            out.bytes(add.passwordHash());
        } else if (command instanceof Command.DeleteUser delete) {
            text(out, delete.user());
        } else if (command instanceof Command.ChangePassword change) {
            text(out, change.user());
            out.bytes(change.passwordHash());
        } else if (command instanceof Command.GrantRole grant) {
            text(out, grant.user());
            text(out, grant.role());
        } else if (command instanceof Command.RevokeRole revoke) {
            text(out, revoke.user());
            text(out, revoke.role());
        } else if (command instanceof Command.AddRole add) {
            text(out, add.role());
        } else if (command instanceof Command.DeleteRole delete) {
            text(out, delete.role());
        } else if (command instanceof Command.GrantPermission grant) {
            text(out, grant.role());
            out.u8(TYPES.indexOf(grant.permission().type()));
            out.bytes(grant.permission().key());
            out.bytes(grant.permission().rangeEnd());
        } else if (command instanceof Command.RevokePermission revoke) {
            text(out, revoke.role());
            out.bytes(revoke.key());
            out.bytes(revoke.rangeEnd());
        } else if (command instanceof Command.AssignToken assign) {
            text(out, assign.user());
            out.varint(assign.credentialIndex());
            out.bytes(assign.tokenHash());
        }
    }

    static Command.OfAuth read(ByteSource in, int type) {
        CommandCodec.knownFlags(in, 0, "command on users or roles");
        return switch (type) {
            case CommandCodec.ENABLE_AUTH -> new Command.EnableAuth();
            case CommandCodec.DISABLE_AUTH -> new Command.DisableAuth();
            case CommandCodec.ADD_USER -> new Command.AddUser(text(in), in.bytes());
            case CommandCodec.DELETE_USER -> new Command.DeleteUser(text(in));
            case CommandCodec.CHANGE_PASSWORD -> new Command.ChangePassword(text(in), in.bytes());
            case CommandCodec.GRANT_ROLE -> new Command.GrantRole(text(in), text(in));
            case CommandCodec.REVOKE_ROLE -> new Command.RevokeRole(text(in), text(in));
            case CommandCodec.ADD_ROLE -> new Command.AddRole(text(in));
            case CommandCodec.DELETE_ROLE -> new Command.DeleteRole(text(in));
            case CommandCodec.GRANT_PERMISSION ->
                new Command.GrantPermission(text(in), new Permission(type(in.u8()), in.bytes(), in.bytes()));
            case CommandCodec.REVOKE_PERMISSION -> new Command.RevokePermission(text(in), in.bytes(), in.bytes());
            case CommandCodec.ASSIGN_TOKEN -> new Command.AssignToken(text(in), in.varint(), in.bytes());
            default -> throw new AssertionError("no command on users or roles has the type code " + type);
        };
    }

    private static Permission.Type type(int code) {
        if (code >= TYPES.size()) {
            throw new UnknownCommandException("a grant carries the unknown permission type " + code);
        }
        return TYPES.get(code);
    }

    private static void text(ByteSink out, String text) {
        out.bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteSource in) {
        return new String(in.bytes(), StandardCharsets.UTF_8);
    }
}
