package io.axolotl.server.api.watch;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.storage.mvcc.EventCursor;
import io.axolotl.storage.mvcc.HistoryView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a bounded piece of history for one group of watchers. Finds out and gives to each watcher what concerns it;
 * sending is another step. An event that concerns many is made into a message once.
 *
 * <p>What it holds at a time is bounded, also when one revision is large and concerns many: whoever finds no room for a revision any
 * more is deferred, gives back what it has of it, and is read that revision again later. The first that a revision concerns never is,
 * so every sweep gets somebody on.
 *
 * <p>Confined to the watch thread.
 */
final class Sweep {
    private final HistoryView history;
    private final WatchLimits limits;
    private final Function<io.axolotl.storage.mvcc.KeyValue, KeyValue> keyValueForm;
    private final List<Watcher> touched = new ArrayList<>();

    private int eventsSeen;
    private long bytesSeen;
    private long deliveries;

    /** What all watchers hold together. */
    private long heldBytes;

    /** Who is not deferred from the revision that is being read. */
    private @Nullable Watcher keeper;

    Sweep(HistoryView history, WatchLimits limits, Forms forms) {
        this.history = history;
        this.limits = limits;
        this.keyValueForm = forms.keyValue();
    }

    /**
     * Reads events of whole revisions.
     *
     * @param from the first revision, which must be complete
     * @param through the last; at most the newest
     * @return the last revision that was read; at least {@code from}, which may be more than the bounds allow
     */
    long read(WatcherIndex<Watcher> index, long from, long through) {
        long current = from;
        try (EventCursor cursor = history.from(from)) {
            while (cursor.next()) {
                long revision = cursor.revision();
                if (revision > through) {
                    return through;
                }
                if (revision != current) {
                    if (isEnough()) {
                        return revision - 1;
                    }
                    current = revision;
                    keeper = null;
                }
                OneEvent event = new OneEvent(cursor.event());
                eventsSeen++;
                bytesSeen += event.stored.sizeBytes();
                index.forEachOn(event.stored.key(), event::concerns);
            }
        }
        return through;
    }

    private boolean isEnough() {
        return eventsSeen >= limits.sweepEvents()
                || bytesSeen >= limits.sweepBytes()
                || deliveries >= limits.sweepDeliveries()
                || heldBytes >= limits.maxRevisionBytes() / 2;
    }

    /** Who was given something, each once. */
    List<Watcher> touched() {
        return touched;
    }

    /** Takes back what was given. */
    void undo() {
        touched.forEach(Watcher::takePending);
        touched.clear();
    }

    /** An event on its way to those whom it concerns. */
    private final class OneEvent {
        private final io.axolotl.storage.mvcc.Event stored;
        private @Nullable Event plain;
        private @Nullable Event withPrevious;

        OneEvent(io.axolotl.storage.mvcc.Event stored) {
            this.stored = stored;
        }

        void concerns(Watcher watcher) {
            if (stored.revision() < watcher.next() || watcher.isDeferred() || !watcher.wants(stored.isDelete())) {
                return;
            }
            if (!watcher.isTouched()) {
                touched.add(watcher);
            }
            if (keeper == null) {
                keeper = watcher;
            }
            heldBytes += watcher.add(
                    watcher.wantsPrevious() ? withPrevious() : plain(), stored.revision(), limits.maxRevisionBytes());
            deliveries++;
            if (heldBytes > limits.maxRevisionBytes() && watcher != keeper && !watcher.isTooLarge()) {
                heldBytes -= watcher.defer();
            }
        }

        private Event plain() {
            Event made = plain;
            if (made == null) {
                made = form().build();
                plain = made;
            }
            return made;
        }

        private Event withPrevious() {
            Event made = withPrevious;
            if (made == null) {
                io.axolotl.storage.mvcc.KeyValue before = history.before(stored);
                made = before == null
                        ? plain()
                        : form().setPrevKv(keyValueForm.apply(before)).build();
                withPrevious = made;
            }
            return made;
        }

        private Event.Builder form() {
            return Event.newBuilder()
                    .setType(stored.isDelete() ? Event.EventType.DELETE : Event.EventType.PUT)
                    .setKv(keyValueForm.apply(stored.kv()));
        }
    }
}
