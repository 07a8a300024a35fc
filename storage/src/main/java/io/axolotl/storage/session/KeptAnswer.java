package io.axolotl.storage.session;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a call came to, as it is kept for its repeats. Drawn in docs/formats/rocksdb-keys.md.
 *
 * <p>Which answers are kept is decided by the command and by how large the answer is, never by who waits for it: members
 * must agree (pitfall 50).
 *
 * <p>Stateless; safe for all threads. Part of the meaning of the log.
 */
public final class KeptAnswer {
    /** An answer that takes more is not kept, only that the call was applied, and when. */
    public static final int MAX_BYTES = 4_096;

    /**
     * An answer that takes no more is kept whatever is kept already: that of every write which asks for nothing else than to be
     * done, and of a compare-and-swap. Or else whoever fills the room for answers takes the outcome of everybody's calls away.
     */
    static final int SMALL_BYTES = 64;

    /** Members that answer nobody read at most so many keys for an answer that is kept. */
    private static final int MAX_READS = 128;

    private static final int PUT = 1;
    private static final int DELETE_RANGE = 2;
    private static final int TXN = 3;
    private static final int RANGE = 4;
    private static final int REFUSED = 5;
    private static final int NOT_KEPT = 6;

    private static final int PUT_PREVIOUS = 1;
    private static final int TXN_SUCCEEDED = 1;
    private static final int RANGE_MORE = 1;

    private KeptAnswer() {}

    /**
     * Whether the answer to this is cheap enough to be made on every member, so that it can be kept: it tells of single
     * keys, and not of many.
     */
    public static boolean isOf(Command command) {
        if (command instanceof Command.Op op) {
            long reads = readsOf(op);
            return reads >= 0 && reads <= MAX_READS;
        }
        return false;
    }

    /** Keys that are read for the answer alone, or a negative number if a range of them is. */
    private static long readsOf(Command.Op op) {
        if (op instanceof Command.Put put) {
            return put.prevKv() ? 1 : 0;
        } else if (op instanceof Command.DeleteRange delete) {
            return !delete.prevKv() ? 0 : delete.rangeEnd().length == 0 ? 1 : -1;
        } else if (op instanceof Command.Range range) {
            return range.query().rangeEnd().length == 0 ? 1 : -1;
        } else if (op instanceof Command.Txn txn) {
            long success = sumOf(txn.success());
            long failure = sumOf(txn.failure());
            return success < 0 || failure < 0 ? -1 : Math.max(success, failure);
        }
        throw new AssertionError("an operation that reads nobody knows what: " + op);
    }

    private static long sumOf(List<Command.Op> ops) {
        long sum = 0;
        for (Command.Op op : ops) {
            long reads = readsOf(op);
            if (reads < 0) {
                return reads;
            }
            sum += reads;
        }
        return sum;
    }

    /**
     * The bytes to keep of an answer.
     *
     * @param isWhole whether the answer was made in full; if it was not, it could not have been kept
     * @param roomBytes that are left for answers which are not small
     */
    static byte[] encode(CommandResult result, boolean isWhole, long roomBytes) {
        boolean isKept = result instanceof CommandResult.Refused
                || (isWhole && sizeBytes(result) <= Math.max(SMALL_BYTES, Math.min(roomBytes, MAX_BYTES)));
        CommandResult kept = isKept ? result : new CommandResult.AnswerNotKept(revisionOf(result));
        ByteSink out = ByteSink.ofSize(sizeBytes(kept));
        write(out, kept);
        return out.toArray();
    }

    private static int sizeBytes(CommandResult result) {
        ByteSink counting = ByteSink.counting();
        write(counting, result);
        return counting.count();
    }

    private static long revisionOf(CommandResult result) {
        if (result instanceof CommandResult.Put put) {
            return put.revision();
        } else if (result instanceof CommandResult.DeleteRange delete) {
            return delete.revision();
        } else if (result instanceof CommandResult.Txn txn) {
            return txn.revision();
        }
        throw new AssertionError("no call of a session comes to " + result);
    }

    private static void write(ByteSink out, CommandResult result) {
        if (result instanceof CommandResult.OpResult op) {
            write(out, op);
        } else if (result instanceof CommandResult.Refused refused) {
            out.u8(REFUSED);
            out.bytes(refused.why().name().getBytes(StandardCharsets.US_ASCII));
        } else if (result instanceof CommandResult.AnswerNotKept applied) {
            out.u8(NOT_KEPT);
            out.varint(applied.revision());
        } else {
            throw new AssertionError("no call of a session comes to " + result);
        }
    }

    private static void write(ByteSink out, CommandResult.OpResult result) {
        if (result instanceof CommandResult.Put put) {
            out.u8(PUT);
            out.varint(put.revision());
            KeyValue previous = put.previous();
            out.u8(previous == null ? 0 : PUT_PREVIOUS);
            if (previous != null) {
                write(out, previous);
            }
        } else if (result instanceof CommandResult.DeleteRange delete) {
            out.u8(DELETE_RANGE);
            out.varint(delete.revision());
            out.varint(delete.deleted());
            write(out, delete.previous());
        } else if (result instanceof CommandResult.Txn txn) {
            out.u8(TXN);
            out.varint(txn.revision());
            out.u8(txn.succeeded() ? TXN_SUCCEEDED : 0);
            out.varint(txn.responses().size());
            txn.responses().forEach(response -> write(out, response));
        } else if (result instanceof CommandResult.Range range) {
            out.u8(RANGE);
            out.varint(range.answer().revision());
            out.u8(range.answer().more() ? RANGE_MORE : 0);
            out.varint(range.answer().count());
            write(out, range.answer().kvs());
        } else {
            throw new AssertionError("a result that cannot be kept: " + result);
        }
    }

    private static void write(ByteSink out, List<KeyValue> kvs) {
        out.varint(kvs.size());
        kvs.forEach(kv -> write(out, kv));
    }

    private static void write(ByteSink out, KeyValue kv) {
        out.bytes(kv.key());
        out.varint(kv.createRevision());
        out.varint(kv.modRevision());
        out.varint(kv.version());
        out.bytes(kv.value());
        out.i64(kv.lease());
    }

    /** @throws StoreDamagedException if these are not the bytes of an answer */
    static CommandResult decode(byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            CommandResult kept = read(in, in.u8());
            in.end();
            return kept;
        } catch (MalformedBytesException | IllegalArgumentException e) {
            throw new StoreDamagedException("what is kept of a call is malformed: " + e.getMessage(), e);
        }
    }

    private static CommandResult read(ByteSource in, int kind) {
        return switch (kind) {
            case REFUSED ->
                new CommandResult.Refused(Refusal.valueOf(new String(in.bytes(), StandardCharsets.US_ASCII)), true);
            case NOT_KEPT -> new CommandResult.AnswerNotKept(in.varint());
            case PUT -> readPut(in);
            case DELETE_RANGE -> readDelete(in);
            case TXN -> readTxn(in);
            default -> throw new MalformedBytesException("nothing that is kept is of kind " + kind);
        };
    }

    private static CommandResult.Put readPut(ByteSource in) {
        long revision = in.varint();
        return new CommandResult.Put(revision, in.u8() == PUT_PREVIOUS ? readKeyValue(in) : null);
    }

    private static CommandResult.DeleteRange readDelete(ByteSource in) {
        return new CommandResult.DeleteRange(in.varint(), in.varint(), readKeyValues(in));
    }

    private static CommandResult.Txn readTxn(ByteSource in) {
        long revision = in.varint();
        boolean succeeded = in.u8() == TXN_SUCCEEDED;
        int count = in.count();
        List<CommandResult.OpResult> responses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int kind = in.u8();
            responses.add(
                    switch (kind) {
                        case PUT -> readPut(in);
                        case DELETE_RANGE -> readDelete(in);
                        case TXN -> readTxn(in);
                        case RANGE -> readRange(in);
                        default -> throw new MalformedBytesException("no operation comes to kind " + kind);
                    });
        }
        return new CommandResult.Txn(revision, succeeded, responses);
    }

    private static CommandResult.Range readRange(ByteSource in) {
        long revision = in.varint();
        boolean more = in.u8() == RANGE_MORE;
        long count = in.varint();
        return new CommandResult.Range(new RangeAnswer.Found(revision, readKeyValues(in), more, count));
    }

    private static List<KeyValue> readKeyValues(ByteSource in) {
        int count = in.count();
        List<KeyValue> kvs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            kvs.add(readKeyValue(in));
        }
        return kvs;
    }

    private static KeyValue readKeyValue(ByteSource in) {
        return new KeyValue(in.bytes(), in.varint(), in.varint(), in.varint(), in.bytes(), in.i64());
    }
}
