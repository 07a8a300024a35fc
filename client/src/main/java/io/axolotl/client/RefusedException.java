package io.axolotl.client;

/**
 * The call certainly changed nothing: the server refused it with a code and text that prove it, it never left this process,
 * or it was a read. Repeating it is safe; whether it helps is for {@link #code} and {@link #text} to tell.
 */
public sealed class RefusedException extends AxolotlException
        permits ClientClosedException, ClusterUnreachableException, RequestTooLargeException {
    private static final long serialVersionUID = 1L;

    RefusedException(ErrorCode code, String text, String message) {
        super(code, text, message);
    }

    RefusedException(ErrorCode code, String text) {
        this(code, text, text);
    }
}
