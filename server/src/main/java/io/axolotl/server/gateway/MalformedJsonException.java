package io.axolotl.server.gateway;

/** What a client sent is no JSON, or not that of the message it is meant to be. The message is for that client. */
final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedJsonException(String message) {
        super(message, null, false, false);
    }
}
