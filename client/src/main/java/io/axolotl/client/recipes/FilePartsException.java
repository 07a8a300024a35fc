package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The file was appended to in too many large parts. Nothing was changed. */
public final class FilePartsException extends RecipeException {
    private static final long serialVersionUID = 1L;

    FilePartsException(String name, int most) {
        super(
                ErrorCode.OUT_OF_RANGE,
                name + " consists of " + most + " parts already, and can have no more",
                "write it anew as one: read it, and write it by FileStore.upload");
    }
}
