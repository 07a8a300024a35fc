package io.axolotl.storage.command;

/**
 * A committed command was written by a newer version of this program, or by none. Applying everything but this command
 * would make this member differ from the others for good, so the node stops before it (pitfall 49).
 */
public final class UnknownCommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UnknownCommandException(String what) {
        super(what + "; this version cannot apply it and must not skip it."
                + " Start this member with the version that the other members run.");
    }
}
