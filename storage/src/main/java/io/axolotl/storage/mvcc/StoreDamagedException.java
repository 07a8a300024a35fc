package io.axolotl.storage.mvcc;

/**
 * The store holds something that this program never writes, or lacks something that must be there. Every block has passed
 * its checksum, so this is a bug or a foreign hand, not a bad disk. The node stops rather than serve a guess.
 */
public final class StoreDamagedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreDamagedException(String what) {
        super(message(what));
    }

    public StoreDamagedException(String what, Throwable cause) {
        super(message(what), cause);
    }

    private static String message(String what) {
        return "the store is damaged: " + what
                + ". The next start makes the state anew, from snapshots and log or by the other members.";
    }
}
