package io.axolotl.jepsen.chaos.kv;

/**
 * One thing to do: {@code ["PUT", "key", "value"]} in JSON. Immutable.
 *
 * @param key of a LIST the prefix of the keys
 * @param value what a PUT or a SWAP writes, else empty
 */
public record Action(Kind kind, String key, String value) {
    /** What there is. */
    public enum Kind {
        PUT,
        /** A put that tells what was there before. */
        SWAP,
        /** Tells what was there before, too. */
        DELETE,
        READ,
        LIST;

        public boolean isRead() {
            return this == READ || this == LIST;
        }

        public boolean isPut() {
            return this == PUT || this == SWAP;
        }
    }

    public static Action put(String key, String value) {
        return new Action(Kind.PUT, key, value);
    }

    public static Action swap(String key, String value) {
        return new Action(Kind.SWAP, key, value);
    }

    public static Action delete(String key) {
        return new Action(Kind.DELETE, key, "");
    }

    public static Action read(String key) {
        return new Action(Kind.READ, key, "");
    }

    public static Action list(String prefix) {
        return new Action(Kind.LIST, prefix, "");
    }

    /** Whether it reads or writes this key. */
    public boolean touches(String one) {
        return kind == Kind.LIST ? one.startsWith(key) : one.equals(key);
    }
}
