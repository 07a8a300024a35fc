package io.axolotl.storage.engine;

import org.jspecify.annotations.Nullable;

/**
 * The engine could not read, write or flush: the disk is full or failing, or a file is damaged. Nothing after it can be
 * relied on, so the node stops; the message says what to do.
 */
public class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean isDamage;

    public EngineException(String message, Throwable cause) {
        this(message, cause, false);
    }

    public EngineException(String message) {
        super(message);
        this.isDamage = false;
    }

    /** @param isDamage whether files do not hold what was written to them, or are gone */
    public EngineException(String message, @Nullable Throwable cause, boolean isDamage) {
        super(message, cause);
        this.isDamage = isDamage;
    }

    /** Whether the engine's files are damaged or gone, so that only making them anew helps. */
    public boolean isDamage() {
        return isDamage;
    }
}
