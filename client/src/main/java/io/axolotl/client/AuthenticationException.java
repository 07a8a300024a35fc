package io.axolotl.client;

/**
 * The servers do not know who calls: nobody has logged in where somebody must, the user or password is wrong, or the token has
 * run out and a new one was refused too. Nothing was changed.
 */
public final class AuthenticationException extends RefusedException {
    private static final long serialVersionUID = 1L;

    AuthenticationException(ErrorCode code, String text) {
        super(
                code,
                text,
                "check the user and password in ClientOptions.credentials, and that the user still exists; a token that has run"
                        + " out is replaced by itself");
    }
}
