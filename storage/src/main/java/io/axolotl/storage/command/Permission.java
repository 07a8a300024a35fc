package io.axolotl.storage.command;

import java.util.Arrays;

/**
 * What a role lets its holders do in one range of keys. Immutable by convention: arrays are shared.
 *
 * @param rangeEnd empty: just {@code key}; one zero byte: everything from {@code key} on; else the end, exclusive
 */
public record Permission(Type type, byte[] key, byte[] rangeEnd) {
    /** In the order of their codes, which are those of the wire and of the log: never reorder. */
    public enum Type {
        READ,
        WRITE,
        READWRITE;

        public boolean isRead() {
            return this != WRITE;
        }

        public boolean isWrite() {
            return this != READ;
        }
    }

    /** Whether it is about exactly this range. */
    public boolean isOf(byte[] otherKey, byte[] otherEnd) {
        return Arrays.equals(key, otherKey) && Arrays.equals(rangeEnd, otherEnd);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Permission that && type == that.type && isOf(that.key, that.rangeEnd);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * type.name().hashCode() + Arrays.hashCode(key)) + Arrays.hashCode(rangeEnd);
    }

    @Override
    public String toString() {
        return type + " " + Arrays.toString(key) + " to " + Arrays.toString(rangeEnd);
    }
}
