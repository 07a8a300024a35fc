package io.axolotl.client;

/**
 * A call that did not end well. Which of the two subclasses it is answers the only question that matters after a failed
 * write: can it have been applied?
 */
public abstract sealed class AxolotlException extends RuntimeException
        permits RefusedException, UnknownOutcomeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String text;
    private final String message;
    private final String advice;

    AxolotlException(ErrorCode code, String text, String message, String advice) {
        super(message);
        this.code = code;
        this.text = text;
        this.message = message;
        this.advice = advice;
    }

    @Override
    public final String getMessage() {
        return message;
    }

    /** The gRPC code of the last answer, or of the last failure to get one. */
    public final ErrorCode code() {
        return code;
    }

    /** The text that came with the code, as the server wrote it: clients compare it exactly (C.1). */
    public final String text() {
        return text;
    }

    /** What may help, for people; empty if there is nothing to say but the message. */
    public final String advice() {
        return advice;
    }

    /** With the advice, for logs. */
    @Override
    public final String toString() {
        return super.toString() + (advice.isEmpty() ? "" : " [" + advice + "]");
    }
}
