package io.axolotl.client;

/**
 * The write was applied, once, at {@link #revision}; what it would have told is lost. Its answer did not arrive the first time,
 * and was too large for the servers to keep: they keep some thousand bytes, and nothing of ranges. Read what you need.
 */
public final class AnswerLostException extends UnknownOutcomeException {
    private static final long serialVersionUID = 1L;

    private final long revision;

    AnswerLostException(ErrorCode code, String text, long revision) {
        super(code, text, text);
        this.revision = revision;
    }

    /** At which the write was applied. */
    public long revision() {
        return revision;
    }
}
