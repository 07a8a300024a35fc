package io.axolotl.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A transaction being written down: {@code kv.txn().when(...).then(...).otherwise(...).commit()}. If all conditions hold (or
 * there is none), the operations of {@code then} run, else those of {@code otherwise}; all in one revision. One thread at a
 * time may use it.
 */
public final class Txn {
    private final List<Compare> compares = new ArrayList<>();
    private final List<Op> then = new ArrayList<>();
    private final List<Op> otherwise = new ArrayList<>();
    private final Function<Op.Nested, Pending<TxnResult>> send;

    Txn(Function<Op.Nested, Pending<TxnResult>> send) {
        this.send = send;
    }

    public Txn when(Compare... added) {
        compares.addAll(List.of(added));
        return this;
    }

    public Txn then(Op... added) {
        then.addAll(List.of(added));
        return this;
    }

    public Txn otherwise(Op... added) {
        otherwise.addAll(List.of(added));
        return this;
    }

    /** The transaction as an operation of another one. */
    public Op asOp() {
        return new Op.Nested(compares, then, otherwise);
    }

    /** Sends it. One that holds only reads is a read: it may be repeated, and its failure is a refusal. */
    public Pending<TxnResult> commit() {
        return send.apply(new Op.Nested(compares, then, otherwise));
    }
}
