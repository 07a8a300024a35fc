package io.axolotl.server.api.watch;

/** Why the server ends a stream. Each tells the client to come back, here or elsewhere, and go on from where it was. */
public enum StreamEnd {
    /** It asked for a member that knows a leader, and there has been none for too long (WA-13). */
    NO_LEADER,
    /** What this member holds is in doubt, or was wrong. */
    IN_DOUBT,
    /** It holds most of what waits to be sent, and all together is too much. */
    TOO_MUCH_UNSENT,
    STOPPED
}
