package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.EngineCursor;

/**
 * Walks through what happened in the order of revisions, and within a revision in the order of its changes (MV-2). Begins
 * before the first event.
 *
 * <p>Must be closed before its {@link HistoryView} is. Confined to one thread.
 */
public final class EventCursor implements AutoCloseable {
    private final EngineCursor cursor;

    EventCursor(EngineCursor cursor) {
        this.cursor = cursor;
    }

    /** Steps to the next event; false at the end. After false only {@link #close} may be called. */
    public boolean next() {
        return cursor.next();
    }

    /** The revision of the event stepped to: cheaper than the whole. */
    public long revision() {
        return Revision.ofKey(cursor.key()).main();
    }

    /** The event stepped to; the caller's to keep. */
    public Event event() {
        return new Event(EventRecord.decode(Revision.ofKey(cursor.key()), cursor.value()));
    }

    @Override
    public void close() {
        cursor.close();
    }
}
