package io.axolotl.server.peer;

/**
 * Says that proposals of a {@link Forward} were not appended by the one they were sent to, and will not be.
 *
 * <p>Immutable by convention: the array is shared.
 *
 * @param term the term of the forward
 * @param isBusy the leader's bounds are reached; otherwise the receiver does not lead that term or is handing it over
 */
public record ForwardRefused(long term, long[] numbers, boolean isBusy) {}
