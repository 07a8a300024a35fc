package io.axolotl.storage.engine;

/**
 * There is no space left for what the engine was asked to write. Nothing of it has happened, and the engine may be asked
 * again (pitfall 58).
 */
public final class EngineFullException extends EngineException {
    private static final long serialVersionUID = 1;

    public EngineFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
