package io.axolotl.client;

/** How a call ended: the three answers that a caller must tell apart. Immutable. */
public sealed interface Outcome<T> {
    /** It was answered; a write is applied and durable. */
    record Done<T>(T result) implements Outcome<T> {}

    /** It certainly changed nothing and is safe to repeat. */
    record Refused<T>(RefusedException reason) implements Outcome<T> {}

    /** It may have been applied. */
    record Unknown<T>(UnknownOutcomeException reason) implements Outcome<T> {}
}
