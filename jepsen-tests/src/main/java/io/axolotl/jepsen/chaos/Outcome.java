package io.axolotl.jepsen.chaos;

/** How a call ended for the client that made it. */
public enum Outcome {
    DONE,
    /** Certainly no effect. */
    REFUSED,
    /** Perhaps an effect, now or later. */
    UNKNOWN
}
