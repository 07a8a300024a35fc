package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
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

    private static final int ATTEMPT_BITS = 16;
    private static final byte[] NOTHING = {};
    private static final byte[] ALL = {0};
    private static final byte[] FIRST_KEY = {0};

    private Proposals() {}

    static byte[] encode(NodeId origin, Operation operation, int attempt) {
        byte[] key = bytes(operation.key());
        byte[] value = bytes(Long.toString(operation.id()));
        Command command = switch (operation.kind()) {
            case PUT -> put(key, value);
            case DELETE -> new Command.DeleteRange(key, NOTHING, false);
            case CAS -> cas(operation, key, value);
            case GET, RANGE -> throw new IllegalArgumentException("a read is not proposed: " + operation);
        };
        return CommandCodec.encode(new RequestId(origin.value(), requestNumber(operation, attempt)), command);
    }

    private static Command cas(Operation operation, byte[] key, byte[] value) {
        Command.Compare compare = operation.expected() == Operation.ABSENT
                ? new Command.Compare(key, NOTHING, Command.Operator.EQUAL, Command.Target.VERSION, 0, NOTHING)
                : new Command.Compare(
                        key,
                        NOTHING,
                        Command.Operator.EQUAL,
                        Command.Target.VALUE,
                        0,
                        bytes(Long.toString(operation.expected())));
        String second = operation.secondKey();
        List<Command.Op> success =
                second == null ? List.of(put(key, value)) : List.of(put(key, value), put(bytes(second), value));
        return new Command.Txn(List.of(compare), success, List.of(new Command.Range(RangeQuery.ofKey(key))));
    }

    private static Command.Put put(byte[] key, byte[] value) {
        return new Command.Put(key, value, 0, false, false, false);
    }

    static byte[] encodeCompaction(NodeId origin, long number, long revision) {
        return CommandCodec.encode(new RequestId(origin.value(), -number), new Command.Compact(revision, false));
    }

    /** Unique for each attempt: an attempt that was refused for certain may be followed by another one. */
    static long requestNumber(Operation operation, int attempt) {
        return operation.id() << ATTEMPT_BITS | attempt;
    }

    /** The id of the operation that a request number belongs to, or {@link #NO_OPERATION}. */
    static long operationOf(RequestId request) {
        return request.number() < 0 ? NO_OPERATION : request.number() >>> ATTEMPT_BITS;
    }

    static long operationOf(Entry entry) {
        return entry.kind() == Entry.Kind.COMMAND ? operationOf(CommandCodec.requestId(entry.payload())) : NO_OPERATION;
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
        } else if (result instanceof CommandResult.DeleteRange delete) {
            operation.done(at, delete.revision(), delete.deleted(), true);
        } else if (result instanceof CommandResult.Txn txn) {
            operation.done(at, txn.revision(), txn.succeeded() ? Operation.ABSENT : readOf(txn), txn.succeeded());
        } else {
            throw new IllegalArgumentException(operation + " was answered by " + result);
        }
    }

    private static long readOf(CommandResult.Txn failed) {
        return failed.responses().get(0) instanceof CommandResult.Range range
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
    static Map<String, Long> content(SimulatedApplier applier) {
        RangeAnswer answer = applier.range(RangeQuery.ofRange(FIRST_KEY, ALL));
        return answer instanceof RangeAnswer.Found found ? allOf(found) : Map.of();
    }

    private static Map<String, Long> allOf(RangeAnswer.Found found) {
        Map<String, Long> all = new TreeMap<>();
        for (KeyValue kv : found.kvs()) {
            all.put(new String(kv.key(), StandardCharsets.UTF_8), number(kv.value()));
        }
        return all;
    }

    private static long valueOf(List<KeyValue> kvs) {
        return kvs.isEmpty() ? Operation.ABSENT : number(kvs.get(0).value());
    }

    private static long number(byte[] value) {
        return Long.parseLong(new String(value, StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
