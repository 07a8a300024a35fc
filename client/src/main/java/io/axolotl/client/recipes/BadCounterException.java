package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The value of the key is no count, or would be above or below what a {@code long} can hold. Nothing was changed. */
public final class BadCounterException extends RecipeException {
    private static final long serialVersionUID = 1L;

    BadCounterException(String message, String advice) {
        super(ErrorCode.OUT_OF_RANGE, message, advice);
    }
}
