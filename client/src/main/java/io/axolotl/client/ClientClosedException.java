package io.axolotl.client;

/** The call was made on a closed client, or the client was closed before the call was sent. */
public final class ClientClosedException extends RefusedException {
    private static final long serialVersionUID = 1L;

    ClientClosedException(String call) {
        super(
                ErrorCode.CANCELLED,
                "the client is closed; " + call + " was not sent",
                "make another client, and close it when nobody calls any more");
    }
}
