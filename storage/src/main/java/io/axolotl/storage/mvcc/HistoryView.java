package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.Space;
import org.jspecify.annotations.Nullable;

/**
 * What has happened, as of one applied run: events with the numbers that say which of them may be asked for. To be closed
 * soon: while it is open, the engine can drop nothing that it shows.
 *
 * <p>Safe for all threads until it is closed.
 */
public final class HistoryView implements AutoCloseable {
    private final ReadView view;

    /** @param view is given back when this is closed */
    public HistoryView(ReadView view) {
        this.view = view;
    }

    /** The newest revision; no event is newer. */
    public long revision() {
        return view.revision();
    }

    /** The compaction floor; -1 if there never was one. The same on every member at the same applied entry. */
    public long compactRevision() {
        return view.compactRevision();
    }

    /**
     * From this revision on every event is there. At most {@link #compactRevision}, and often below it, since removal comes
     * later; differs between members. Who has followed from before the floor may go on reading down to here.
     */
    public long completeFrom() {
        StoreState state = view.state();
        return Math.max(state.compactedRevision(), state.pass().target());
    }

    /** The events from {@code revision} on. Some may be missing below {@link #completeFrom}. */
    public EventCursor from(long revision) {
        return new EventCursor(view.engine().scan(Space.REV, Revision.key(revision, 0), null));
    }

    /**
     * The version that an event replaced, as a read at the revision before the event's would find it (WA-8): null if there
     * was none, or if that revision is compacted.
     */
    public @Nullable KeyValue before(Event event) {
        EventRecord record = event.record();
        if (!record.replacesLiveVersion() || record.main() - 1 < compactRevision()) {
            return null;
        }
        EventRecord previous = view.event(record.previous());
        if (previous == null || previous.isTombstone()) {
            throw new StoreDamagedException("the event of revision " + record.previous() + ", which "
                    + record.revision() + " replaced, is missing");
        }
        return previous.toKeyValue();
    }

    @Override
    public void close() {
        view.close();
    }
}
