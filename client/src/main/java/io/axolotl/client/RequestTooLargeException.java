package io.axolotl.client;

/** The request is larger than the client may send ({@link ClientOptions#maxRequestBytes}); nothing was sent. */
public final class RequestTooLargeException extends RefusedException {
    private static final long serialVersionUID = 1L;

    RequestTooLargeException(String call, int requestBytes, int maxRequestBytes) {
        super(
                ErrorCode.INVALID_ARGUMENT,
                "etcdserver: request is too large",
                call + " of " + requestBytes + " bytes is above the limit of " + maxRequestBytes
                        + " bytes and was not sent; split it, or raise maxRequestBytes here and --max-request-bytes at the"
                        + " server");
    }
}
