package io.axolotl.client;

/**
 * One key, or a half-open range {@code [key, end)} of keys, as the wire spells it (RG-2): an empty end means the single key,
 * an end of one 0 byte means no end. Immutable.
 */
public record KeyRange(Bytes key, Bytes end) {
    public static KeyRange single(Bytes key) {
        return new KeyRange(key, Bytes.EMPTY);
    }

    /** The keys {@code from <= k < endExclusive}. Nothing, without an error, if the bounds do not rise. */
    public static KeyRange between(Bytes from, Bytes endExclusive) {
        return new KeyRange(from, endExclusive);
    }

    /** All keys that start with the prefix; every key if it is empty. */
    public static KeyRange prefix(Bytes prefix) {
        return prefix.isEmpty() ? all() : new KeyRange(prefix, prefix.prefixEnd());
    }

    public static KeyRange prefix(String prefix) {
        return prefix(Bytes.of(prefix));
    }

    /** All keys from this one on; every key if it is empty. */
    public static KeyRange from(Bytes key) {
        return key.isEmpty() ? all() : new KeyRange(key, Bytes.ZERO_BYTE);
    }

    public static KeyRange all() {
        return new KeyRange(Bytes.ZERO_BYTE, Bytes.ZERO_BYTE);
    }
}
