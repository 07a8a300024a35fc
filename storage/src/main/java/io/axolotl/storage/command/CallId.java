package io.axolotl.storage.command;

/**
 * Names one call of a client, alike in all its attempts, so that a repeat is told from a call of its own (pitfall 51). A
 * session has slots, each of which carries one call at a time; a slot counts its calls from 1, and a higher number says that
 * the client is done with all before. Immutable.
 *
 * @param session as it was opened, never 0
 * @param slot 0 to {@value #MAX_SLOTS} - 1
 * @param sequence at least 1
 */
public record CallId(long session, int slot, long sequence) {
    /** Slots that a session may use. Part of the meaning of the log. */
    public static final int MAX_SLOTS = 1_024;

    public CallId {
        if (session == 0 || slot < 0 || slot >= MAX_SLOTS || sequence < 1) {
            throw new IllegalArgumentException("there can be no call " + sequence + " in slot " + slot + " of session "
                    + Long.toHexString(session));
        }
    }
}
