package io.axolotl.client;

/**
 * A condition of a transaction: <em>stored value, relation, given value</em>. An absent key counts as all zeros, so {@code
 * createRevision(key).equalTo(0)} says "does not exist"; a condition on the value of an absent key is always false (TX-2).
 * Over a range every key must satisfy it (TX-3). Immutable.
 *
 * @param number what to compare with, unless the target is the value
 * @param value what to compare with if the target is the value
 */
public record Compare(KeyRange range, Target target, Relation relation, long number, Bytes value) {
    /** The attribute that is compared. */
    public enum Target {
        VERSION,
        CREATE,
        MOD,
        VALUE,
        LEASE
    }

    /** What must hold between the stored and the given value. */
    public enum Relation {
        EQUAL,
        GREATER,
        LESS,
        NOT_EQUAL
    }

    public static OfNumber version(String key) {
        return new OfNumber(KeyRange.single(Bytes.of(key)), Target.VERSION);
    }

    public static OfNumber createRevision(String key) {
        return createRevision(Bytes.of(key));
    }

    public static OfNumber createRevision(Bytes key) {
        return new OfNumber(KeyRange.single(key), Target.CREATE);
    }

    public static OfNumber modRevision(String key) {
        return modRevision(Bytes.of(key));
    }

    public static OfNumber modRevision(Bytes key) {
        return new OfNumber(KeyRange.single(key), Target.MOD);
    }

    public static OfNumber lease(String key) {
        return new OfNumber(KeyRange.single(Bytes.of(key)), Target.LEASE);
    }

    public static OfValue value(String key) {
        return new OfValue(KeyRange.single(Bytes.of(key)));
    }

    /**
     * A numeric attribute that waits for its relation.
     *
     * @param target not VALUE
     */
    public record OfNumber(KeyRange range, Target target) {
        public OfNumber {
            if (target == Target.VALUE) {
                throw new IllegalArgumentException("a value is compared with bytes; use OfValue");
            }
        }

        public Compare equalTo(long number) {
            return is(Relation.EQUAL, number);
        }

        public Compare notEqualTo(long number) {
            return is(Relation.NOT_EQUAL, number);
        }

        public Compare greaterThan(long number) {
            return is(Relation.GREATER, number);
        }

        public Compare lessThan(long number) {
            return is(Relation.LESS, number);
        }

        public Compare is(Relation relation, long number) {
            return new Compare(range, target, relation, number, Bytes.EMPTY);
        }
    }

    /** A value that waits for its relation. */
    public record OfValue(KeyRange range) {
        public Compare equalTo(String value) {
            return is(Relation.EQUAL, Bytes.of(value));
        }

        public Compare notEqualTo(String value) {
            return is(Relation.NOT_EQUAL, Bytes.of(value));
        }

        public Compare greaterThan(String value) {
            return is(Relation.GREATER, Bytes.of(value));
        }

        public Compare lessThan(String value) {
            return is(Relation.LESS, Bytes.of(value));
        }

        public Compare is(Relation relation, Bytes value) {
            return new Compare(range, Target.VALUE, relation, 0, value);
        }
    }
}
