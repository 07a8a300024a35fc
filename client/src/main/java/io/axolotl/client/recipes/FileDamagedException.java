package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** What the store holds is not what was written: a checksum is wrong, a part is missing, or a newer release has written it. */
public final class FileDamagedException extends RecipeException {
    private static final long serialVersionUID = 1L;

    FileDamagedException(String message) {
        super(
                ErrorCode.DATA_LOSS,
                message,
                "nothing but a FileStore may write below its prefix; have a newer release read what it wrote");
    }
}
