package io.axolotl.client;

import java.util.List;

/**
 * Which way a transaction went. Immutable.
 *
 * @param results one per operation of the list that ran, in its order
 */
public record TxnResult(Header header, boolean succeeded, List<OpResult> results) implements OpResult {
    public TxnResult {
        results = List.copyOf(results);
    }
}
