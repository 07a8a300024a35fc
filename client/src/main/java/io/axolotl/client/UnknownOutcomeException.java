package io.axolotl.client;

/**
 * The write may have been applied, may still be applied, or may never be (GU-6). The client did not send it again and will
 * not. Read back, or make the write conditional, before repeating it.
 */
public final class UnknownOutcomeException extends AxolotlException {
    private static final long serialVersionUID = 1L;

    UnknownOutcomeException(ErrorCode code, String text) {
        super(code, text, text + " (the write may or may not have been applied)");
    }
}
