package io.axolotl.server.peer;

/**
 * Says that proposals of a {@link Forward} were not appended by the one they were sent to, and will not be.
 *
 * <p>Immutable by convention: the array is shared.
 *
 * @param term the term of the forward
 */
public record ForwardRefused(long term, long[] numbers, Why why) {
    public enum Why {
        /** The receiver does not lead that term, or is handing it over: somebody else may take them. */
        NOT_LEADER,
        /** The leader's bounds are reached. */
        BUSY,
        /** The leader has no room on its disk for what they would add. */
        DISK_FULL
    }
}
