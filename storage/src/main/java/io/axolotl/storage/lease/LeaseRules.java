package io.axolotl.storage.lease;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.WriteTxn;
import org.jspecify.annotations.Nullable;

/**
 * The rules of commands on leases (LE-1, LE-3, LE-6). Decides from the leases, the command and its place in the log alone.
 *
 * <p>Stateless. Confined to the apply thread.
 */
public final class LeaseRules {
    private LeaseRules() {}

    /** @param at the entry that holds the command */
    public static CommandResult apply(WriteTxn txn, LeaseChanges leases, Command.OfLeases command, EntryId at) {
        if (command instanceof Command.GrantLease grant) {
            return grant(txn, leases, grant, at);
        } else if (command instanceof Command.RevokeLease revoke) {
            return end(txn, leases, leases.find(revoke.id()));
        } else if (command instanceof Command.ExpireLease expire) {
            return expire.term() == at.term()
                    ? end(txn, leases, granted(leases, expire.id(), expire.grantIndex()))
                    : new CommandResult.Refused(Refusal.LEADER_REPLACED);
        } else if (command instanceof Command.CheckpointLeases checkpoint) {
            return checkpoint(txn, leases, checkpoint, at);
        }
        throw new AssertionError("a command on leases that cannot be applied: " + command);
    }

    private static CommandResult grant(WriteTxn txn, LeaseChanges leases, Command.GrantLease grant, EntryId at) {
        if (leases.exists(grant.id())) {
            return new CommandResult.Refused(Refusal.LEASE_EXISTS);
        }
        leases.put(new Lease(grant.id(), at.index(), grant.ttlSeconds(), 0));
        return new CommandResult.LeaseGranted(txn.revision(), grant.id(), grant.ttlSeconds());
    }

    private static CommandResult end(WriteTxn txn, LeaseChanges leases, @Nullable Lease lease) {
        if (lease == null) {
            return new CommandResult.Refused(Refusal.LEASE_NOT_FOUND);
        }
        txn.deleteAttached(lease.id());
        leases.remove(lease);
        return new CommandResult.LeaseRevoked(txn.revision());
    }

    private static CommandResult checkpoint(
            WriteTxn txn, LeaseChanges leases, Command.CheckpointLeases checkpoint, EntryId at) {
        if (checkpoint.term() != at.term()) {
            return new CommandResult.Refused(Refusal.LEADER_REPLACED);
        }
        for (Command.LeaseCheckpoint one : checkpoint.checkpoints()) {
            Lease lease = granted(leases, one.id(), one.grantIndex());
            if (lease != null) {
                leases.put(lease.withRemaining(one.remainingSeconds()));
            }
        }
        return new CommandResult.LeasesCheckpointed(txn.revision());
    }

    /** The lease that was granted by that entry, unless it has ended. */
    private static @Nullable Lease granted(LeaseChanges leases, long id, long grantIndex) {
        Lease lease = leases.find(id);
        return lease == null || lease.grantIndex() != grantIndex ? null : lease;
    }
}
