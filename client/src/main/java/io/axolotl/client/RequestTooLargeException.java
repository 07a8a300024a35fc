package io.axolotl.client;

/**
 * The request is larger than the client may send ({@link ClientOptions#maxRequestBytes}), and was not sent, or larger than the
 * servers take, who have turned it away.
 */
public final class RequestTooLargeException extends RefusedException {
    private static final long serialVersionUID = 1L;

    private static final String ADVICE =
            "split it, or raise maxRequestBytes here and --max-request-bytes at the servers";

    RequestTooLargeException(String call, int requestBytes, int maxRequestBytes) {
        super(
                ErrorCode.INVALID_ARGUMENT,
                "etcdserver: request is too large",
                call + " of " + requestBytes + " bytes is above the limit of " + maxRequestBytes
                        + " bytes and was not sent; " + ADVICE,
                "");
    }

    /** The servers have said so. */
    RequestTooLargeException(ErrorCode code, String text) {
        super(code, text, ADVICE);
    }
}
