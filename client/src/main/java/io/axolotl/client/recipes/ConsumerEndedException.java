package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The consumer was closed, or its lease is lost: it takes nothing any more, and has nothing. */
public final class ConsumerEndedException extends RecipeException {
    private static final long serialVersionUID = 1L;

    ConsumerEndedException() {
        super(
                ErrorCode.FAILED_PRECONDITION,
                "the consumer was closed, or its lease is lost: what it had claimed is for others",
                "make another one");
    }
}
