package io.axolotl.client;

/** No endpoint could be connected to within the budget of the call; nothing was sent. The message names each one's trouble. */
public final class ClusterUnreachableException extends RefusedException {
    private static final long serialVersionUID = 1L;

    private static final String ADVICE =
            "check that the endpoints are right, that a member listens there, and that http or"
                    + " https is what it speaks; a cluster that is away for a while is found again by itself";

    private final String trouble;

    ClusterUnreachableException(String trouble) {
        super(ErrorCode.UNAVAILABLE, trouble, ADVICE);
        this.trouble = trouble;
    }

    /** @param trouble with each of the endpoints */
    ClusterUnreachableException(String call, String trouble) {
        super(ErrorCode.UNAVAILABLE, call + " was not sent; no endpoint could be reached in " + trouble, ADVICE);
        this.trouble = trouble;
    }

    /** The same trouble, of another call that it has kept from being sent. */
    ClusterUnreachableException of(String call) {
        return new ClusterUnreachableException(call, trouble);
    }
}
