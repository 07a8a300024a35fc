package io.axolotl.storage.engine;

/** What was asked has been closed: the server stops, or something else has taken its place. */
public final class ClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    public ClosedException(String message) {
        super(message);
    }

    public ClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
