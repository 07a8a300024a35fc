package io.axolotl.server.config;

/** The command line itself cannot be read: a flag that nobody knows, one without its value, or a value of another form. */
public final class UsageException extends ConfigException {
    public UsageException(String message) {
        super(message);
    }
}
