package io.axolotl.storage.disk;

import java.nio.file.Path;

/**
 * The disk would not do what it was asked. Never retried: whoever asked for durability stops.
 *
 * <p>The message names the operation, the path and the reason.
 */
public class DiskException extends RuntimeException {
    private final transient Path path;
    private final String operation;

    public DiskException(Path path, String operation, Throwable cause) {
        super("cannot " + operation + " " + path + ": " + reasonOf(cause), cause);
        this.path = path;
        this.operation = operation;
    }

    public DiskException(Path path, String operation, String reason) {
        super("cannot " + operation + " " + path + ": " + reason);
        this.path = path;
        this.operation = operation;
    }

    public Path path() {
        return path;
    }

    /** What was asked for, as a verb: {@code write}, {@code sync}, {@code rename} and so on. */
    public String operation() {
        return operation;
    }

    private static String reasonOf(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }
}
