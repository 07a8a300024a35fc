package io.axolotl.client;

import java.util.List;

/** One operation of a transaction. Immutable. */
public sealed interface Op {
    /** A write of one key. */
    record Put(Bytes key, Bytes value, PutOptions options) implements Op {}

    /** A read. */
    record Get(KeyRange range, GetOptions options) implements Op {}

    /** A removal. */
    record Delete(KeyRange range, DeleteOptions options) implements Op {}

    /** A transaction within the transaction; its compares too see the state before the outermost one (TX-5). */
    record Nested(List<Compare> compares, List<Op> then, List<Op> otherwise) implements Op {
        public Nested {
            compares = List.copyOf(compares);
            then = List.copyOf(then);
            otherwise = List.copyOf(otherwise);
        }
    }

    static Op put(String key, String value) {
        return put(Bytes.of(key), Bytes.of(value));
    }

    static Op put(Bytes key, Bytes value) {
        return new Put(key, value, PutOptions.DEFAULT);
    }

    static Op get(String key) {
        return get(KeyRange.single(Bytes.of(key)));
    }

    static Op get(KeyRange range) {
        return new Get(range, GetOptions.DEFAULT);
    }

    static Op delete(String key) {
        return delete(KeyRange.single(Bytes.of(key)));
    }

    static Op delete(KeyRange range) {
        return new Delete(range, DeleteOptions.DEFAULT);
    }

    /** Whether it can change nothing, whichever way it goes. */
    default boolean isRead() {
        if (this instanceof Nested nested) {
            return nested.then().stream().allMatch(Op::isRead)
                    && nested.otherwise().stream().allMatch(Op::isRead);
        }
        return this instanceof Get;
    }
}
