package io.axolotl.client;

/**
 * Whether puts, deletes and transactions are numbered in a session at the servers, so that one whose outcome is not known can
 * be sent again: the servers answer a repeat with what the write came to, and do not apply it twice.
 */
public enum ExactlyOnce {
    /** Where the servers offer it, as Axolotl's do. At others, and while the servers have no room for more sessions, a write is sent once. */
    WHEN_OFFERED,
    /** A write that cannot be numbered is refused, and not sent. */
    REQUIRED,
    /** Every write is sent once. */
    OFF
}
