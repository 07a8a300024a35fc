package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The upload's lease has ended, or it was closed: what it has sent is being collected. The file is what it was. */
public final class UploadLostException extends RecipeException {
    private static final long serialVersionUID = 1L;

    UploadLostException(String name) {
        super(
                ErrorCode.FAILED_PRECONDITION,
                "the upload of " + name + " is lost: its lease has ended, or it was closed",
                "begin again, with a longer lease if this process pauses for long");
    }
}
