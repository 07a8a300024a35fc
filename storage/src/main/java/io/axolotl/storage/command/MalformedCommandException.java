package io.axolotl.storage.command;

/**
 * The bytes of a committed command do not follow the format of their own version. The log's checksums passed, so the
 * bytes are as they were proposed: a bug of the proposer or of a peer. The node stops rather than guess.
 */
public final class MalformedCommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MalformedCommandException(String what) {
        super("a command in the log is malformed: " + what);
    }

    MalformedCommandException(String what, Throwable cause) {
        super("a command in the log is malformed: " + what, cause);
    }
}
