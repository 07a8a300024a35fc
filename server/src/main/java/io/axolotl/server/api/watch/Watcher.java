package io.axolotl.server.api.watch;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCreateRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One watcher of one stream: what it wants, and how far it is. Costs the same whether its client reads or not: events are with it
 * only from the reading of a sweep to its end.
 *
 * <p>Confined to the watch thread.
 */
final class Watcher {
    /** Where a watcher is; the package draws the ways between. */
    enum Place {
        /** Has everything through the tail, or waits for a revision that has not come. */
        SYNCED,
        /** In a cohort, which gets on. */
        BEHIND,
        /** Has events to get, and no room for them. */
        PARKED,
        /** Cancelled, or its stream has ended. */
        GONE
    }

    private final WatchStream stream;
    private final long id;
    private final KeySpan span;
    private final boolean wantsPuts;
    private final boolean wantsDeletes;
    private final boolean wantsPrevious;
    private final boolean isFragmented;
    private final boolean wantsProgress;

    private Place place = Place.PARKED;
    private long next;
    private @Nullable WatcherGroup group;

    private List<Event> pending = new ArrayList<>();
    private long lastPendingRevision;
    private long lastRevisionBytes;
    private boolean isTooLarge;

    /** No event went to it since the last look of {@link ProgressTicks}. */
    private boolean isQuiet = true;

    Watcher(WatchStream stream, long id, KeySpan span, WatchCreateRequest request, long next) {
        this.stream = stream;
        this.id = id;
        this.span = span;
        this.wantsPuts = !request.getFiltersList().contains(WatchCreateRequest.FilterType.NOPUT);
        this.wantsDeletes = !request.getFiltersList().contains(WatchCreateRequest.FilterType.NODELETE);
        this.wantsPrevious = request.getPrevKv();
        this.isFragmented = request.getFragment();
        this.wantsProgress = request.getProgressNotify();
        this.next = next;
    }

    WatchStream stream() {
        return stream;
    }

    long id() {
        return id;
    }

    KeySpan span() {
        return span;
    }

    boolean wants(boolean isDelete) {
        return isDelete ? wantsDeletes : wantsPuts;
    }

    boolean wantsPrevious() {
        return wantsPrevious;
    }

    boolean isFragmented() {
        return isFragmented;
    }

    boolean wantsProgress() {
        return wantsProgress;
    }

    Place place() {
        return place;
    }

    void isNow(Place newPlace) {
        place = newPlace;
    }

    /** The first revision that it has not been given. While it is synced, the first that it wants, which may be long past. */
    long next() {
        WatcherGroup now = group;
        return now != null && place == Place.BEHIND ? now.next() : next;
    }

    void goesOnFrom(long newNext) {
        next = newNext;
    }

    /** The group that it is a member of. */
    WatcherGroup group() {
        WatcherGroup now = group;
        if (now == null) {
            throw new AssertionError("watcher " + id + " is in no group");
        }
        return now;
    }

    void joined(WatcherGroup newGroup) {
        group = newGroup;
    }

    void left() {
        group = null;
    }

    // ---- within a sweep ----

    boolean hasPending() {
        return !pending.isEmpty() || isTooLarge;
    }

    /** @param maxRevisionBytes if the events of one revision come to more, none is kept, and {@link #isTooLarge} */
    void add(Event event, long revision, long maxRevisionBytes) {
        if (isTooLarge) {
            return;
        }
        if (revision != lastPendingRevision) {
            lastPendingRevision = revision;
            lastRevisionBytes = 0;
        }
        lastRevisionBytes += event.getSerializedSize();
        if (lastRevisionBytes > maxRevisionBytes) {
            isTooLarge = true;
            pending = new ArrayList<>();
        } else {
            pending.add(event);
        }
    }

    /** A revision holds more for it than can be sent in one piece. */
    boolean isTooLarge() {
        return isTooLarge;
    }

    List<Event> takePending() {
        List<Event> taken = pending;
        pending = new ArrayList<>(0);
        lastPendingRevision = 0;
        isTooLarge = false;
        return taken;
    }

    // ---- bookmarks ----

    void wasSentEvents() {
        isQuiet = false;
    }

    /** Whether no event was sent since this was asked last. */
    boolean takeQuiet() {
        boolean wasQuiet = isQuiet;
        isQuiet = true;
        return wasQuiet;
    }
}
