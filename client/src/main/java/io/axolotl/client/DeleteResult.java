package io.axolotl.client;

import java.util.List;

/**
 * What a delete did. Immutable.
 *
 * @param deleted keys removed
 * @param previous what they held, in key order, if asked for
 */
public record DeleteResult(Header header, long deleted, List<KeyValue> previous) implements OpResult {
    public DeleteResult {
        previous = List.copyOf(previous);
    }
}
