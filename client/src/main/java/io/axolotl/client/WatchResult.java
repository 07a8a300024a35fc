package io.axolotl.client;

import java.util.List;

/**
 * What a watch was told at once: all events of one revision or of several, in order; or how far it is; or that it is over.
 * Immutable.
 *
 * @param events none in a bookmark and at the end
 * @param isCanceled the server has ended the watch; nothing follows
 * @param compactRevision of an end for which history is gone: the first revision that can still be watched; else 0
 * @param cancelReason of another end, in the server's words; may be empty
 */
public record WatchResult(
        Header header, List<WatchEvent> events, boolean isCanceled, long compactRevision, String cancelReason) {
    /** That everything through {@code header.revision} has been told (WA-9). */
    public boolean isProgress() {
        return events.isEmpty() && !isCanceled;
    }
}
