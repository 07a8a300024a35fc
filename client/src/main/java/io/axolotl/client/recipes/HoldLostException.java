package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The lock or the leadership is held no more. Nothing was written. */
public final class HoldLostException extends RecipeException {
    private static final long serialVersionUID = 1L;

    HoldLostException(String key) {
        super(
                ErrorCode.FAILED_PRECONDITION,
                "nothing was written: " + key + " is not held any more",
                "stop what it protected, and acquire it again before you go on");
    }
}
