package io.axolotl.client.recipes;

import java.util.List;

/**
 * A part of a list of files. Immutable.
 *
 * @param files in the order of their names' bytes
 * @param more whether there are more after the last of them
 * @param revision at which this is so
 */
public record FilePage(List<FileInfo> files, boolean more, long revision) {
    public FilePage {
        files = List.copyOf(files);
    }
}
