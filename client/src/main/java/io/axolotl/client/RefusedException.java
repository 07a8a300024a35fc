package io.axolotl.client;

import java.util.Set;

/**
 * The call certainly changed nothing: the server refused it with a code and text that prove it, it never left this process,
 * or it was a read. Repeating it is safe; whether it helps is for {@link #code} and {@link #text} to tell.
 */
public sealed class RefusedException extends AxolotlException
        permits AuthenticationException,
                ClientClosedException,
                ClusterUnreachableException,
                PermissionDeniedException,
                RecipeException,
                RequestTooLargeException,
                WrongClusterException {
    private static final long serialVersionUID = 1L;

    /** How the servers say that they do not know who calls; codes differ between versions. */
    private static final Set<String> UNAUTHENTICATED_TEXTS = Set.of(
            "etcdserver: invalid auth token",
            "etcdserver: user name is empty",
            "etcdserver: authentication failed, invalid user ID or password",
            "etcdserver: revision of auth store is old");

    private static final String DENIED_TEXT = "etcdserver: permission denied";
    private static final String TOO_LARGE_TEXT = "etcdserver: request is too large";

    RefusedException(ErrorCode code, String text, String message, String advice) {
        super(code, text, message, advice);
    }

    RefusedException(ErrorCode code, String text, String advice) {
        this(code, text, text, advice);
    }

    RefusedException(ErrorCode code, String text) {
        this(code, text, "");
    }

    /** What a server has refused, as the type that says so. */
    static RefusedException of(ErrorCode code, String text) {
        if (UNAUTHENTICATED_TEXTS.contains(text)) {
            return new AuthenticationException(code, text);
        }
        if (text.equals(DENIED_TEXT)) {
            return new PermissionDeniedException(code, text);
        }
        return text.equals(TOO_LARGE_TEXT)
                ? new RequestTooLargeException(code, text)
                : new RefusedException(code, text);
    }
}
