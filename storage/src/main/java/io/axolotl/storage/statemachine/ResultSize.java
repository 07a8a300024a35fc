package io.axolotl.storage.statemachine;

import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much memory a result takes while it waits for its run to be written, roughly. Stateless. */
final class ResultSize {
    private static final int OBJECT_BYTES = 48;
    private static final int KEY_VALUE_BYTES = 96;

    private ResultSize() {}

    static long memoryBytes(@Nullable CommandResult result) {
        if (result instanceof CommandResult.OpResult op) {
            return ofOperation(op);
        }
        return OBJECT_BYTES;
    }

    private static long ofOperation(CommandResult.OpResult result) {
        if (result instanceof CommandResult.Put put) {
            return OBJECT_BYTES + (put.previous() == null ? 0 : of(put.previous()));
        } else if (result instanceof CommandResult.DeleteRange delete) {
            return OBJECT_BYTES + of(delete.previous());
        } else if (result instanceof CommandResult.Range range) {
            return OBJECT_BYTES + of(range.answer().kvs());
        } else if (result instanceof CommandResult.Txn txn) {
            long sum = OBJECT_BYTES;
            for (CommandResult.OpResult response : txn.responses()) {
                sum += ofOperation(response);
            }
            return sum;
        }
        throw new AssertionError("a result of unknown size: " + result);
    }

    private static long of(List<KeyValue> kvs) {
        long sum = 0;
        for (KeyValue kv : kvs) {
            sum += of(kv);
        }
        return sum;
    }

    private static long of(KeyValue kv) {
        return (long) KEY_VALUE_BYTES + kv.key().length + kv.value().length;
    }
}
