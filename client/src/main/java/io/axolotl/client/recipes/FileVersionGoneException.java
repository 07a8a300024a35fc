package io.axolotl.client.recipes;

import io.axolotl.client.ErrorCode;
import io.axolotl.client.RecipeException;

/** The version that is being read was replaced or deleted, and the servers have forgotten it since, by a compaction or as it is collected. What was read of it before is right. */
public final class FileVersionGoneException extends RecipeException {
    private static final long serialVersionUID = 1L;

    FileVersionGoneException(String name, long revision) {
        super(
                ErrorCode.OUT_OF_RANGE,
                "the version of " + name + " as of revision " + revision
                        + " is gone: the file was replaced or deleted, and" + " history was compacted",
                "open the file again, to read it as it is now; compact less early if files are read for long");
    }
}
