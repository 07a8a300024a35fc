package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** Somebody has come with a larger token. Nothing was written. */
public final class FencedOffException extends RecipeException {
    private static final long serialVersionUID = 1L;

    private final long highest;

    FencedOffException(long token, long highest) {
        super(
                ErrorCode.FAILED_PRECONDITION,
                "nothing was written: token " + token + " is older than " + highest + ", which was seen already",
                "stop what the token stood for: somebody else holds the lock, or has held it since");
        this.highest = highest;
    }

    /** The largest token that was seen. */
    public long highest() {
        return highest;
    }
}
