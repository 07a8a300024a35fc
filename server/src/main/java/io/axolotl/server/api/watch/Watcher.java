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
    private final WatchRight.Standing standing;
    private final boolean wantsPuts;
    private final boolean wantsDeletes;
    private final boolean wantsPrevious;
    private final boolean isFragmented;
    private final boolean wantsProgress;

    private Place place = Place.PARKED;
    private long next;
    private @Nullable WatcherGroup group;
    private boolean isPutOff;

    /** What an event costs beside its serialized bytes while it is an object. */
    private static final int EVENT_OVERHEAD_BYTES = 256;

    private static final long NOT_DEFERRED = 0;

    private ArrayList<Event> pending = new ArrayList<>();
    private int lastRevisionStart;
    private long lastPendingRevision;
    private long lastRevisionBytes;

    private boolean isTooLarge;
    private long deferredFrom = NOT_DEFERRED;

    /** No event went to it since the last look of {@link ProgressTicks}. */
    private boolean isQuiet = true;

    Watcher(
            WatchStream stream,
            long id,
            KeySpan span,
            WatchRight.Standing standing,
            WatchCreateRequest request,
            long next) {
        this.stream = stream;
        this.id = id;
        this.span = span;
        this.standing = standing;
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

    WatchRight.Standing standing() {
        return standing;
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

    /**
     * Whether it kept up until it was put off for want of memory, not for its client's sake: what it still has to get must not be
     * compacted away (A6). Changed only while it is in no group, which counts these.
     */
    boolean isPutOff() {
        return isPutOff;
    }

    void isPutOff(boolean itIs) {
        isPutOff = itIs;
    }

    // ---- within a sweep ----

    /** Whether this sweep has had something for it. */
    boolean isTouched() {
        return !pending.isEmpty() || isTooLarge || isDeferred();
    }

    /**
     * @param maxRevisionBytes if the events of one revision come to more, none is kept, and {@link #isTooLarge}
     * @return by how much what is kept for it has grown, or shrunk, in bytes
     */
    long add(Event event, long revision, long maxRevisionBytes) {
        if (isTooLarge || isDeferred()) {
            return 0;
        }
        if (revision != lastPendingRevision) {
            lastPendingRevision = revision;
            lastRevisionStart = pending.size();
            lastRevisionBytes = 0;
        }
        long bytes = (long) event.getSerializedSize() + EVENT_OVERHEAD_BYTES;
        if (lastRevisionBytes + bytes > maxRevisionBytes) {
            isTooLarge = true;
            pending = new ArrayList<>();
            return -lastRevisionBytes;
        }
        pending.add(event);
        lastRevisionBytes += bytes;
        return bytes;
    }

    /**
     * Gives back what it has of the revision that is being read, from which it goes on in a later sweep.
     *
     * @return how many bytes that were
     */
    long defer() {
        deferredFrom = lastPendingRevision;
        pending.subList(lastRevisionStart, pending.size()).clear();
        pending.trimToSize();
        return lastRevisionBytes;
    }

    boolean isDeferred() {
        return deferredFrom != NOT_DEFERRED;
    }

    /** The revision that it has to be read again. */
    long deferredFrom() {
        return deferredFrom;
    }

    /** A revision holds more for it than can be sent in one piece. */
    boolean isTooLarge() {
        return isTooLarge;
    }

    /** What the sweep has found for it, for which it stands as before the sweep from now on. */
    List<Event> takePending() {
        List<Event> taken = pending;
        pending = new ArrayList<>(0);
        lastPendingRevision = 0;
        lastRevisionStart = 0;
        isTooLarge = false;
        deferredFrom = NOT_DEFERRED;
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
