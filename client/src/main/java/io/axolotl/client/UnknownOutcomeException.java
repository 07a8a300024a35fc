package io.axolotl.client;

/**
 * The write may have been applied, may still be applied, or may never be (GU-6). The client did not send it again, unless
 * it was numbered ({@link ExactlyOnce}); then it did until its time was over, and it was applied once at most. Read back, or
 * make the write conditional, before repeating it.
 */
public sealed class UnknownOutcomeException extends AxolotlException permits AnswerLostException {
    private static final long serialVersionUID = 1L;

    UnknownOutcomeException(ErrorCode code, String text) {
        this(code, text, text + " (the write may or may not have been applied)");
    }

    UnknownOutcomeException(ErrorCode code, String text, String message) {
        super(code, text, message, "read back, or make the write conditional, before you repeat it");
    }
}
