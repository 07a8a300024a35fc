package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Between operations, which the judges understand, and commands, which the store does.
 *
 * <p>Stateless.
 */
final class Proposals {
    /** Stands for an entry that carries no client's operation: a no-op, a compaction. */
    static final long NO_OPERATION = 0;

    private static final String NAME = "!";
    private static final byte[] NOTHING = {};
    private static final byte[] ALL = {0};
    private static final byte[] FIRST_KEY = {0};

    private Proposals() {}

    /** @param valueBytes how long values are at least */
    static Command command(Operation operation, int valueBytes) {
        byte[] key = bytes(operation.key());
        byte[] value = value(operation.id(), valueBytes);
        return switch (operation.kind()) {
            case PUT -> put(key, value);
            case DELETE ->
                new Command.Txn(
                        List.of(named(operation)), List.of(new Command.DeleteRange(key, NOTHING, false)), List.of());
            case CAS -> cas(operation, key, value, valueBytes);
            case GET, RANGE -> throw new IllegalArgumentException("a read is not proposed: " + operation);
        };
    }

    /** A comparison that always holds, and tells which operation it belongs to. */
    private static Command.Compare named(Operation operation) {
        return new Command.Compare(
                bytes(NAME + operation.id()), NOTHING, Command.Operator.EQUAL, Command.Target.VERSION, 0, NOTHING);
    }

    private static byte[] value(long id, int valueBytes) {
        String digits = Long.toString(id);
        return bytes("0".repeat(Math.max(0, valueBytes - digits.length())) + digits);
    }

    private static Command cas(Operation operation, byte[] key, byte[] value, int valueBytes) {
        Command.Compare compare = operation.expected() == Operation.ABSENT
                ? new Command.Compare(key, NOTHING, Command.Operator.EQUAL, Command.Target.VERSION, 0, NOTHING)
                : new Command.Compare(
                        key,
                        NOTHING,
                        Command.Operator.EQUAL,
                        Command.Target.VALUE,
                        0,
                        value(operation.expected(), valueBytes));
        String second = operation.secondKey();
        List<Command.Op> success =
                second == null ? List.of(put(key, value)) : List.of(put(key, value), put(bytes(second), value));
        return new Command.Txn(
                List.of(compare, named(operation)), success, List.of(new Command.Range(RangeQuery.ofKey(key))));
    }

    private static Command.Put put(byte[] key, byte[] value) {
        return new Command.Put(key, value, 0, false, false, false);
    }

    static Command compaction(long revision) {
        return new Command.Compact(revision, false);
    }

    static long operationOf(Entry entry) {
        return entry.kind() == Entry.Kind.COMMAND ? operationOf(entry.payload()) : NO_OPERATION;
    }

    /** The id of the operation that a command belongs to, or {@link #NO_OPERATION}. */
    static long operationOf(byte[] payload) {
        Command command = CommandCodec.decode(payload).command();
        if (command instanceof Command.Put put) {
            return number(put.value());
        }
        if (command instanceof Command.Txn txn) {
            List<Command.Compare> compares = txn.compares();
            String name = text(compares.get(compares.size() - 1).key());
            return Long.parseLong(name.substring(NAME.length()));
        }
        return NO_OPERATION;
    }

    static RangeQuery query(Operation read) {
        return read.kind() == Operation.Kind.GET
                ? RangeQuery.ofKey(bytes(read.key()))
                : RangeQuery.ofRange(FIRST_KEY, ALL);
    }

    /** Writes down what the store answered. */
    static void complete(Operation operation, CommandResult result, long at) {
        if (result instanceof CommandResult.Put put) {
            operation.done(at, put.revision(), Operation.ABSENT, true);
        } else if (result instanceof CommandResult.Txn txn
                && txn.succeeded()
                && !txn.responses().isEmpty()
                && txn.responses().get(0) instanceof CommandResult.DeleteRange delete) {
            operation.done(at, txn.revision(), delete.deleted(), true);
        } else if (result instanceof CommandResult.Txn txn) {
            operation.done(at, txn.revision(), txn.succeeded() ? Operation.ABSENT : readOf(txn), txn.succeeded());
        } else {
            throw new IllegalArgumentException(operation + " was answered by " + result);
        }
    }

    /** Nothing where nothing was asked: an answer that was made up before the command was executed has no responses. */
    private static long readOf(CommandResult.Txn failed) {
        return !failed.responses().isEmpty() && failed.responses().get(0) instanceof CommandResult.Range range
                ? valueOf(range.answer().kvs())
                : Operation.ABSENT;
    }

    static void complete(Operation operation, RangeAnswer.Found found, long at) {
        if (operation.kind() == Operation.Kind.GET) {
            operation.done(at, found.revision(), valueOf(found.kvs()), true);
            return;
        }
        operation.doneRange(at, found.revision(), allOf(found));
    }

    /** What a node's store holds now. */
    static Map<String, Long> content(KvStateMachine store) {
        RangeAnswer answer = store.range(RangeQuery.ofRange(FIRST_KEY, ALL));
        return answer instanceof RangeAnswer.Found found ? allOf(found) : Map.of();
    }

    private static Map<String, Long> allOf(RangeAnswer.Found found) {
        Map<String, Long> all = new TreeMap<>();
        for (KeyValue kv : found.kvs()) {
            all.put(text(kv.key()), number(kv.value()));
        }
        return all;
    }

    private static long valueOf(List<KeyValue> kvs) {
        return kvs.isEmpty() ? Operation.ABSENT : number(kvs.get(0).value());
    }

    private static long number(byte[] value) {
        return Long.parseLong(text(value));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
