package io.axolotl.server.api;

/**
 * Ends the handling of a request that breaks a static rule; carried from deep inside nested transactions to the service,
 * and never further. Has no stack: it is an answer, not an accident.
 */
final class RequestRefused extends Exception {
    private final EtcdError error;

    RequestRefused(EtcdError error) {
        super(error.text(), null, false, false);
        this.error = error;
    }

    EtcdError error() {
        return error;
    }
}
