package io.axolotl.client;

import java.util.List;
import java.util.Optional;

/**
 * What a read found. Immutable.
 *
 * @param more whether the limit cut something off
 * @param count keys in the range, whatever the limit and the filters (RG-5)
 */
public record GetResult(Header header, List<KeyValue> kvs, boolean more, long count) implements OpResult {
    public GetResult {
        kvs = List.copyOf(kvs);
    }

    public Optional<KeyValue> first() {
        return kvs.isEmpty() ? Optional.empty() : Optional.of(kvs.get(0));
    }
}
