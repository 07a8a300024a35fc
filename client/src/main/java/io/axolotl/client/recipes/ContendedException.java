package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** Others changed the same thing at the same time, again and again, until the time of a call was over. Nothing was changed by this one. */
public final class ContendedException extends RecipeException {
    private static final long serialVersionUID = 1L;

    ContendedException(String call) {
        super(
                ErrorCode.ABORTED,
                call + " was not done: others were faster each time, for as long as a call may take",
                "try again later, or spread the work over several keys");
    }
}
