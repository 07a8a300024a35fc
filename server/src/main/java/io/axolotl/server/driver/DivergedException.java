package io.axolotl.server.driver;

/**
 * Nobody vouches for this member's state, and nobody proves it wrong either: it stops rather than guess which of the
 * differing states is the right one.
 */
final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DivergedException(String message) {
        super(message);
    }
}
