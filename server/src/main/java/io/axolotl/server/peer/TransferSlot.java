package io.axolotl.server.peer;

/**
 * Room for one snapshot transfer to one peer, and the memory of what was offered while it was taken. An ignored offer
 * would otherwise be waited for without end: the core takes an offer for under way until it hears otherwise.
 *
 * <p>Safe for all threads.
 */
final class TransferSlot {
    private boolean isTaken;
    private long carriedIndex;
    private long newestIgnoredIndex;

    /**
     * @param offeredIndex last index of the snapshot that is to be sent
     * @return whether the slot was free and is the caller's now; if not, the offer is remembered
     */
    synchronized boolean take(long offeredIndex) {
        if (isTaken) {
            newestIgnoredIndex = Math.max(newestIgnoredIndex, offeredIndex);
            return false;
        }
        isTaken = true;
        carriedIndex = offeredIndex;
        newestIgnoredIndex = 0;
        return true;
    }

    /** The transfer carries the snapshot that ends here, which may be newer than the offered one. */
    synchronized void carries(long index) {
        carriedIndex = index;
    }

    /**
     * The transfer has ended.
     *
     * @return whether something newer than what it carried was offered meanwhile
     */
    synchronized boolean free() {
        isTaken = false;
        return newestIgnoredIndex > carriedIndex;
    }
}
