package io.axolotl.client;

/** An endpoint is not {@code host:port}, {@code http://host:port} or {@code https://host:port}. The message quotes it. */
public final class BadEndpointException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    BadEndpointException(String message) {
        super(message);
    }
}
