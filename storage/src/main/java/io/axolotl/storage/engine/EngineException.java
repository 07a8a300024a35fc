package io.axolotl.storage.engine;

/**
 * The engine could not read, write or flush: the disk is full or failing, or a file is damaged. Nothing after it can be
 * relied on, so the node stops; the message says what to do.
 */
public class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }

    public EngineException(String message) {
        super(message);
    }
}
