package io.axolotl.storage.command;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import java.util.ArrayList;
import java.util.List;

/** The bodies of the commands on leases, for {@link CommandCodec}. Safe for all threads. */
final class LeaseCommandCodec {
    private LeaseCommandCodec() {}

    static int typeOf(Command.OfLeases command) {
        if (command instanceof Command.GrantLease) {
            return CommandCodec.GRANT_LEASE;
        } else if (command instanceof Command.RevokeLease) {
            return CommandCodec.REVOKE_LEASE;
        } else if (command instanceof Command.ExpireLease) {
            return CommandCodec.EXPIRE_LEASE;
        } else if (command instanceof Command.CheckpointLeases) {
            return CommandCodec.CHECKPOINT_LEASES;
        }
        throw new AssertionError("a command on leases without a type code: " + command);
    }

    static void write(ByteSink out, Command.OfLeases command) {
        out.u8(0);
        if (command instanceof Command.GrantLease grant) {
            out.i64(grant.id());
            out.varint(grant.ttlSeconds());
        } else if (command instanceof Command.RevokeLease revoke) {
            out.i64(revoke.id());
        } else if (command instanceof Command.ExpireLease expire) {
            out.i64(expire.id());
            out.varint(expire.grantIndex());
            out.varint(expire.term());
        } else if (command instanceof Command.CheckpointLeases checkpoint) {
            out.varint(checkpoint.term());
            out.varint(checkpoint.checkpoints().size());
            for (Command.LeaseCheckpoint one : checkpoint.checkpoints()) {
                out.i64(one.id());
                out.varint(one.grantIndex());
                out.varint(one.remainingSeconds());
            }
        } else {
            throw new AssertionError("a command on leases without a format: " + command);
        }
    }

    static Command.OfLeases read(ByteSource in, int type) {
        CommandCodec.knownFlags(in, 0, "command on leases");
        return switch (type) {
            case CommandCodec.GRANT_LEASE -> new Command.GrantLease(in.i64(), in.varint());
            case CommandCodec.REVOKE_LEASE -> new Command.RevokeLease(in.i64());
            case CommandCodec.EXPIRE_LEASE -> new Command.ExpireLease(in.i64(), in.varint(), in.varint());
            case CommandCodec.CHECKPOINT_LEASES -> new Command.CheckpointLeases(in.varint(), readCheckpoints(in));
            default -> throw new AssertionError("no command on leases has the type code " + type);
        };
    }

    private static List<Command.LeaseCheckpoint> readCheckpoints(ByteSource in) {
        int count = in.count();
        List<Command.LeaseCheckpoint> checkpoints = new ArrayList<>(Math.min(count, 1_024));
        for (int i = 0; i < count; i++) {
            checkpoints.add(new Command.LeaseCheckpoint(in.i64(), in.varint(), in.varint()));
        }
        return checkpoints;
    }
}
