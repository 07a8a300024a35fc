package io.axolotl.server.api.watch;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.WatchResponse;
import java.util.List;

/**
 * Sends a watcher what a sweep has found for it: whole revisions, as many messages as it takes, while there is room.
 *
 * <p>Confined to the watch thread.
 */
final class Delivery {
    /** All was sent. */
    static final long ALL = -1;

    /** Nothing is sent by pieces that are smaller. */
    private static final long LEAST_MESSAGE_BYTES = 4 << 10;

    private final WatchLimits limits;
    private final Forms forms;
    private final UnsentBytes unsent;
    private final WatchMetrics metrics;
    private long messageBytes;

    Delivery(WatchLimits limits, Forms forms, UnsentBytes unsent, WatchMetrics metrics) {
        this.limits = limits;
        this.forms = forms;
        this.unsent = unsent;
        this.metrics = metrics;
        this.messageBytes = limits.messageBytes();
    }

    /** With many streams messages are small, so that one for each still is bounded. */
    void streamsAre(int count) {
        long share = limits.maxUnsentBytes() / (2L * Math.max(1, count));
        messageBytes = Math.max(LEAST_MESSAGE_BYTES, Math.min(limits.messageBytes(), share));
    }

    /** A message that is no event: the answer to a request, a bookmark, an end. */
    void sendControl(WatchStream stream, WatchResponse message) {
        send(stream, message);
    }

    /**
     * @param headerRevision of messages whose last event is not newer
     * @return the first revision that was not sent, for there is no room, or {@link #ALL}
     */
    long sendEvents(Watcher watcher, List<Event> events, long headerRevision) {
        WatchStream stream = watcher.stream();
        int start = 0;
        while (start < events.size()) {
            if (!stream.isReady()) {
                return revisionOf(events.get(start));
            }
            unsent.isFree(stream);
            int end = start;
            long bytes = 0;
            while (end < events.size() && bytes < messageBytes) {
                long revision = revisionOf(events.get(end));
                do {
                    bytes += events.get(end).getSerializedSize();
                    end++;
                } while (end < events.size() && revisionOf(events.get(end)) == revision);
            }
            sendOne(watcher, events.subList(start, end), forms.header().apply(headerRevision));
            start = end;
        }
        return ALL;
    }

    static long revisionOf(Event event) {
        return event.getKv().getModRevision();
    }

    private void sendOne(Watcher watcher, List<Event> events, ResponseHeader header) {
        watcher.wasSentEvents();
        metrics.eventsSent(events.size());
        WatchResponse whole = WatchResponse.newBuilder()
                .setHeader(header)
                .setWatchId(watcher.id())
                .addAllEvents(events)
                .build();
        if (!watcher.isFragmented() || events.size() < 2 || whole.getSerializedSize() < limits.fragmentBytes()) {
            send(watcher.stream(), whole);
            return;
        }
        // Clients join pieces that follow each other (WA-15), so nothing may come in between, whether there is room or
        // not.
        WatchResponse.Builder piece = emptyPiece(whole);
        long pieceBytes = 0;
        for (Event event : events) {
            long bytes = event.getSerializedSize();
            if (piece.getEventsCount() > 0 && pieceBytes + bytes >= limits.fragmentBytes()) {
                send(watcher.stream(), piece.setFragment(true).build());
                piece = emptyPiece(whole);
                pieceBytes = 0;
            }
            piece.addEvents(event);
            pieceBytes += bytes;
        }
        send(watcher.stream(), piece.build());
    }

    private static WatchResponse.Builder emptyPiece(WatchResponse whole) {
        return WatchResponse.newBuilder().setHeader(whole.getHeader()).setWatchId(whole.getWatchId());
    }

    private void send(WatchStream stream, WatchResponse message) {
        if (stream.isEnded()) {
            return;
        }
        stream.send(message);
        if (!stream.isReady()) {
            unsent.holds(stream, message.getSerializedSize());
        }
    }
}
