package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** There is no file of that name. Nothing was changed. */
public final class FileMissingException extends RecipeException {
    private static final long serialVersionUID = 1L;

    FileMissingException(String name) {
        super(
                ErrorCode.NOT_FOUND,
                "there is no file " + name,
                "create it first, or look for its name in FileStore.list");
    }
}
