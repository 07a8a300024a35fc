package io.axolotl.storage.command;

import java.util.List;

/**
 * How much a command may add to the store, by etcd's estimate (QU-1). Commands that cost nothing go on when there is no
 * room: among them are those that make some.
 *
 * <p>Stateless; safe for all threads. Part of the meaning of the log: while NOSPACE is raised, members refuse by it when
 * they apply.
 */
public final class CommandCost {
    /** What a key costs beside its bytes. */
    private static final long PER_KEY_BYTES = 256;

    private static final long LEASE_BYTES = 64;

    private CommandCost() {}

    public static long addedBytes(Command command) {
        if (command instanceof Command.Put put) {
            return ofPut(put);
        } else if (command instanceof Command.Txn txn) {
            return ofTxn(txn);
        }
        return command instanceof Command.GrantLease ? LEASE_BYTES : 0;
    }

    private static long ofPut(Command.Put put) {
        return PER_KEY_BYTES + put.key().length + put.value().length;
    }

    /** The larger branch; nested transactions count in the branch that holds them. */
    private static long ofTxn(Command.Txn txn) {
        return Math.max(ofOps(txn.success()), ofOps(txn.failure()));
    }

    private static long ofOps(List<Command.Op> ops) {
        long cost = 0;
        for (Command.Op op : ops) {
            if (op instanceof Command.Put put) {
                cost += ofPut(put);
            } else if (op instanceof Command.Txn txn) {
                cost += ofTxn(txn);
            }
        }
        return cost;
    }
}
