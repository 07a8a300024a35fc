package io.axolotl.client;

/**
 * Something that is wrong with a member, and that keeps the cluster from doing all it is asked to (QU-2). Immutable.
 *
 * @param memberId unsigned
 */
public record Alarm(long memberId, Kind kind) {
    /** What is wrong. */
    public enum Kind {
        /** The member's store has reached its quota: what adds data is refused until room was made and this is disarmed. */
        NOSPACE,
        /** What the member holds differs from what others hold: every change is refused. */
        CORRUPT,
        /** Something that this client does not know. */
        UNRECOGNIZED
    }

    /** As etcd prints it, the blank at the end included. */
    @Override
    public String toString() {
        return "memberID:" + Long.toUnsignedString(memberId) + " alarm:" + kind + " ";
    }
}
