package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The item is not this consumer's any more: its lease has ended, or it was given back. Somebody else has the item, or will get it. Nothing was changed. */
public final class ClaimLostException extends RecipeException {
    private static final long serialVersionUID = 1L;

    ClaimLostException(String item) {
        super(
                ErrorCode.FAILED_PRECONDITION,
                "item " + item + " is not claimed by this consumer any more",
                "undo what was done for the item, or have it done in a way that bears repetition; take a longer lease");
    }
}
