package io.axolotl.server.api;

/**
 * What the edge refuses.
 *
 * <p>Immutable.
 *
 * @param maxTxnOps most operations of a transaction, on its widest level (TX-7)
 * @param quotaBytes most bytes of the store; negative switches the quota off (QU-3)
 */
public record ApiLimits(int maxTxnOps, long quotaBytes) {}
