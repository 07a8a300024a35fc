package io.axolotl.client;

/** No endpoint could be connected to within the budget of the call; nothing was sent. The message names each one's trouble. */
public final class ClusterUnreachableException extends RefusedException {
    private static final long serialVersionUID = 1L;

    ClusterUnreachableException(String message) {
        super(ErrorCode.UNAVAILABLE, message);
    }
}
