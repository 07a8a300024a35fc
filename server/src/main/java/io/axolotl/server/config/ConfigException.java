package io.axolotl.server.config;

/** The server cannot be started as asked; the message says what was wrong and what to do. */
public sealed class ConfigException extends RuntimeException permits UsageException {
    public ConfigException(String message) {
        super(message);
    }
}
