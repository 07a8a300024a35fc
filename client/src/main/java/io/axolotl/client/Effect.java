package io.axolotl.client;

/** Whether a call can change anything: what a failure means, and what may be repeated, hangs on it. */
enum Effect {
    READ,
    WRITE;

    /** The failure of a call that was given up after it may have been sent. */
    AxolotlException givenUp(ErrorCode code, String text) {
        return this == READ ? RefusedException.of(code, text) : new UnknownOutcomeException(code, text);
    }
}
