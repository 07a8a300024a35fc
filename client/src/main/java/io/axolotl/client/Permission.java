package io.axolotl.client;

/** What a role lets its holders do in one range of keys. Immutable. */
public record Permission(Type type, KeyRange range) {
    /** In the order of their codes on the wire. */
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
}
