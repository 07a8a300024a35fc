package io.axolotl.raft.log;

/**
 * One element of the replicated log.
 *
 * <p>{@code payload} is opaque to the core for {@link Kind#COMMAND}, empty for {@link Kind#NO_OP}, and an encoded
 * {@code Membership} for {@link Kind#MEMBERSHIP}. The array is shared, not copied, from the proposal through the log
 * to the peers: nobody may write to it after it has been handed over.
 *
 * <p>Immutable by that convention; equality is by content.
 */
public record Entry(EntryId id, Kind kind, byte[] payload) {
    /** What an entry is for. The wire and disk code of each kind is fixed: never renumber. */
    public enum Kind {
        /** A command for the state machine. */
        COMMAND(0),
        /** Appended by every new leader, so that it may commit what earlier terms left (Raft §8). */
        NO_OP(1),
        /** A membership that is in force from the moment it is appended (thesis §4.1). */
        MEMBERSHIP(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The byte that stands for this kind in durable and peer formats. */
        public int code() {
            return code;
        }

        /** @throws IllegalArgumentException if no kind has this code: a newer version wrote it */
        public static Kind ofCode(int code) {
            return switch (code) {
                case 0 -> COMMAND;
                case 1 -> NO_OP;
                case 2 -> MEMBERSHIP;
                default -> throw new IllegalArgumentException("unknown entry kind " + code);
            };
        }
    }

    private static final byte[] NOTHING = {};

    /** Bytes of bookkeeping that each entry is charged besides its payload, so that empty entries are not free. */
    private static final int OVERHEAD_BYTES = 64;

    public Entry {
        if (id.index() < 1 || id.term() < 1) {
            throw new IllegalArgumentException("entries start at term 1, index 1, got " + id);
        }
    }

    public static Entry noOp(EntryId id) {
        return new Entry(id, Kind.NO_OP, NOTHING);
    }

    public long term() {
        return id.term();
    }

    public long index() {
        return id.index();
    }

    /** What this entry is charged against every bound that is given in bytes. */
    public int sizeBytes() {
        return OVERHEAD_BYTES + payload.length;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Entry other
                && id.equals(other.id)
                && kind == other.kind
                && java.util.Arrays.equals(payload, other.payload);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return id + ":" + kind + "[" + payload.length + "B]";
    }
}
