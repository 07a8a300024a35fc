package io.axolotl.storage.wal;

import java.nio.file.Path;

/**
 * Term and vote of this node cannot be read. It may have voted, and voting again in the same term could make two
 * leaders, so it must not start (pitfall 5, fault D15).
 */
public class HardStateLostException extends RuntimeException {
    public HardStateLostException(Path path, String what) {
        super("the term and vote of this member are lost: " + path + ": " + what + ". Without them it could vote twice"
                + " in one term. Put back an intact and current copy of the file, or remove this member from the"
                + " cluster and add it again with an empty data folder");
    }
}
