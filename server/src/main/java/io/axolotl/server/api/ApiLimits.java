package io.axolotl.server.api;

import java.time.Duration;

/**
 * What the edge refuses.
 *
 * <p>Immutable.
 *
 * @param maxTxnOps most operations of a transaction, on its widest level (TX-7)
 * @param quotaBytes most bytes of the store; negative switches the quota off (QU-3)
 * @param requestTimeout how long a call may wait for work of this member
 * @param maxAnswerBytes most memory of the answer to one read, or of one piece of a streamed range
 * @param maxUnsentBytes most memory of all answers together that were read and are not sent yet
 */
public record ApiLimits(
        int maxTxnOps, long quotaBytes, Duration requestTimeout, long maxAnswerBytes, long maxUnsentBytes) {
    /** With bounds of answers that this process can hold: an eighth of the heap for one, a third for all. */
    public static ApiLimits ofHeap(int maxTxnOps, long quotaBytes, Duration requestTimeout) {
        long heapBytes = Runtime.getRuntime().maxMemory();
        return new ApiLimits(maxTxnOps, quotaBytes, requestTimeout, Math.min(heapBytes / 8, 1L << 30), heapBytes / 3);
    }
}
