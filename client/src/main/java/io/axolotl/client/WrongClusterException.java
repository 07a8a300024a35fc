package io.axolotl.client;

/** An endpoint belongs to another cluster than the one that has answered this client first. What it answered was not used. */
public final class WrongClusterException extends RefusedException {
    private static final long serialVersionUID = 1L;

    WrongClusterException(String message) {
        super(
                ErrorCode.FAILED_PRECONDITION,
                message,
                "take endpoints of one cluster only; if the cluster was made anew, make a new client");
    }
}
