package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** There is a file of that name already. Nothing was changed. */
public final class FileExistsException extends RecipeException {
    private static final long serialVersionUID = 1L;

    FileExistsException(String name) {
        super(
                ErrorCode.ALREADY_EXISTS,
                "there is a file " + name + " already",
                "take another name, delete it first, or replace it by FileStore.write");
    }
}
