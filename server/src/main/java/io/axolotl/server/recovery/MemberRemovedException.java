package io.axolotl.server.recovery;

/** The data folder is that of a member that was removed from its cluster, and can never be one again. */
public final class MemberRemovedException extends RuntimeException {
    public MemberRemovedException(String message) {
        super(message);
    }
}
