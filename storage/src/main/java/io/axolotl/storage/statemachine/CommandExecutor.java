package io.axolotl.storage.statemachine;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.Keyspace;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.WriteTxn;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The rules of commands on keys: put, delete, transaction, compact. Decides from the keyspace, the leases and the command
 * alone.
 *
 * <p>Where a result is not wanted, or no more of it ({@link AnswerRoom}), what would only be told in it (ranges, previous
 * versions) is not read. What happens to the keyspace is the same.
 *
 * <p>Stateless. Confined to the apply thread but for {@link #readOnly}.
 */
final class CommandExecutor {
    private CommandExecutor() {}

    static CommandResult put(WriteTxn keys, LongPredicate leaseExists, Command.Put put, AnswerRoom room) {
        Refusal refusal = hasItsLease(put, leaseExists) ? null : Refusal.LEASE_NOT_FOUND;
        if (refusal == null && keepsSomething(put) && !keys.isLive(put.key())) {
            refusal = Refusal.KEY_NOT_FOUND;
        }
        return refusal != null ? new CommandResult.Refused(refusal) : runPut(keys, put, room);
    }

    static CommandResult.DeleteRange deleteRange(WriteTxn keys, Command.DeleteRange delete, AnswerRoom room) {
        List<KeyValue> removed = delete.prevKv() && room.isOpen() ? new ArrayList<>() : null;
        long count = keys.deleteRange(delete.key(), delete.rangeEnd(), removed);
        if (removed != null) {
            removed.forEach(room::took);
        }
        return new CommandResult.DeleteRange(keys.revision(), count, removed == null ? List.of() : removed);
    }

    static CommandResult compact(WriteTxn keys, Command.Compact compact) {
        Refusal refusal = keys.compact(compact.revision());
        return refusal != null ? new CommandResult.Refused(refusal) : new CommandResult.Compacted(keys.revision());
    }

    /**
     * A transaction: all compares on the state before it (TX-5), then every check that could refuse it (TX-10), then the
     * operations, which cannot fail any more.
     */
    static CommandResult txn(WriteTxn keys, LongPredicate leaseExists, Command.Txn txn, AnswerRoom room) {
        List<Boolean> path = new ArrayList<>();
        choosePath(keys, txn, path);
        Refusal refusal = check(keys, leaseExists, txn, path.iterator());
        return refusal != null ? new CommandResult.Refused(refusal) : run(keys, keys, txn, path.iterator(), room);
    }

    /**
     * A transaction that only reads (TX-11), on any keyspace.
     *
     * @throws IllegalArgumentException if it holds a put or a delete on the chosen path
     */
    static CommandResult readOnly(Keyspace keys, Command.Txn txn) {
        List<Boolean> path = new ArrayList<>();
        choosePath(keys, txn, path);
        // A put would not get far: its lease is not asked for.
        Refusal refusal = check(keys, lease -> true, txn, path.iterator());
        return refusal != null
                ? new CommandResult.Refused(refusal)
                : run(keys, null, txn, path.iterator(), AnswerRoom.unbounded());
    }

    /** Appends which list is chosen, of this transaction and then of those nested in the chosen list, in order. */
    private static void choosePath(Keyspace keys, Command.Txn txn, List<Boolean> path) {
        boolean holds = true;
        for (Command.Compare compare : txn.compares()) {
            if (!keys.holds(compare)) {
                holds = false;
                break;
            }
        }
        path.add(holds);
        for (Command.Op op : holds ? txn.success() : txn.failure()) {
            if (op instanceof Command.Txn nested) {
                choosePath(keys, nested, path);
            }
        }
    }

    private static @Nullable Refusal check(
            Keyspace keys, LongPredicate leaseExists, Command.Txn txn, Iterator<Boolean> path) {
        for (Command.Op op : path.next() ? txn.success() : txn.failure()) {
            Refusal refusal = null;
            if (op instanceof Command.Range range) {
                refusal = checkRange(keys, range.query());
            } else if (op instanceof Command.Put put) {
                refusal = checkPut(keys, leaseExists, put);
            } else if (op instanceof Command.Txn nested) {
                refusal = check(keys, leaseExists, nested, path);
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private static @Nullable Refusal checkRange(Keyspace keys, RangeQuery query) {
        if (query.revision() <= 0) {
            return null;
        }
        if (query.revision() > keys.revision()) {
            return Refusal.FUTURE_REVISION;
        }
        return query.revision() < keys.compactRevision() ? Refusal.COMPACTED : null;
    }

    /** Inside a transaction the key is asked for before the lease; outside it is the other way round. */
    private static @Nullable Refusal checkPut(Keyspace keys, LongPredicate leaseExists, Command.Put put) {
        if (keepsSomething(put) && !keys.isLive(put.key())) {
            return Refusal.KEY_NOT_FOUND;
        }
        return hasItsLease(put, leaseExists) ? null : Refusal.LEASE_NOT_FOUND;
    }

    private static CommandResult.Txn run(
            Keyspace keys, @Nullable WriteTxn writable, Command.Txn txn, Iterator<Boolean> path, AnswerRoom room) {
        boolean succeeded = path.next();
        List<Command.Op> ops = succeeded ? txn.success() : txn.failure();
        List<CommandResult.OpResult> responses = new ArrayList<>(ops.size());
        for (Command.Op op : ops) {
            if (op instanceof Command.Range range) {
                if (room.isOpen()) {
                    CommandResult.Range read = runRange(keys, range.query());
                    read.answer().kvs().forEach(room::took);
                    responses.add(read);
                }
            } else if (op instanceof Command.Put put) {
                responses.add(runPut(writable(writable), put, room));
            } else if (op instanceof Command.DeleteRange delete) {
                responses.add(deleteRange(writable(writable), delete, room));
            } else if (op instanceof Command.Txn nested) {
                responses.add(run(keys, writable, nested, path, room));
            } else {
                throw new AssertionError("an operation that cannot be run: " + op);
            }
        }
        return new CommandResult.Txn(keys.revision(), succeeded, responses);
    }

    private static WriteTxn writable(@Nullable WriteTxn writable) {
        if (writable == null) {
            throw new IllegalArgumentException("a read-only transaction holds a put or a delete");
        }
        return writable;
    }

    private static CommandResult.Range runRange(Keyspace keys, RangeQuery query) {
        RangeAnswer answer = keys.range(query);
        if (answer instanceof RangeAnswer.Found found) {
            return new CommandResult.Range(found);
        }
        throw new AssertionError("a range that had passed its checks was refused: " + answer);
    }

    /** A put whose checks have passed. */
    private static CommandResult.Put runPut(WriteTxn keys, Command.Put put, AnswerRoom room) {
        boolean tellsPrevious = put.prevKv() && room.isOpen();
        KeyValue previous = keepsSomething(put) || tellsPrevious ? keys.get(put.key()) : null;
        byte[] value = put.value();
        long lease = put.lease();
        if (put.ignoreValue() && previous != null) {
            value = previous.value();
        }
        if (put.ignoreLease() && previous != null) {
            lease = previous.lease();
        }
        keys.put(put.key(), value, lease);
        if (tellsPrevious) {
            room.took(previous);
        }
        return new CommandResult.Put(keys.revision(), tellsPrevious ? previous : null);
    }

    private static boolean keepsSomething(Command.Put put) {
        return put.ignoreValue() || put.ignoreLease();
    }

    /** PU-2. */
    private static boolean hasItsLease(Command.Put put, LongPredicate leaseExists) {
        return put.lease() == 0 || leaseExists.test(put.lease());
    }
}
