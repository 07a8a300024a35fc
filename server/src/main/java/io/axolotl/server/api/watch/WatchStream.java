package io.axolotl.server.api.watch;

import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream with its watchers.
 *
 * <p>The public methods are gRPC's callbacks, safe for all threads; they leave a note for the watch thread. All else is confined
 * to that one.
 */
public final class WatchStream {
    private final WatchHub hub;
    private final StreamOutput output;
    private final boolean needsLeader;
    private final WatchRight right;
    private final AtomicBoolean isReadyTold = new AtomicBoolean();

    private final Map<Long, Watcher> watchers = new LinkedHashMap<>();
    private final Set<Watcher> parked = new LinkedHashSet<>();
    private long nextId;
    private int owedRequests;
    private boolean isEnded;

    /** {@link UnsentBytes} keeps it. */
    long unsentBytes;

    /** {@link ProgressTicks} keeps it; null until a watcher wants bookmarks. */
    @Nullable Long nextTickNanos;

    WatchStream(WatchHub hub, StreamOutput output, boolean needsLeader, WatchRight right) {
        this.hub = hub;
        this.output = output;
        this.needsLeader = needsLeader;
        this.right = right;
    }

    // ---- gRPC's callbacks ----

    public void received(WatchRequest request) {
        hub.received(this, request);
    }

    /** There is room again. */
    public void becameReady() {
        if (isReadyTold.compareAndSet(false, true)) {
            hub.becameReady(this);
        }
    }

    /** The client has gone, or has ended the call. */
    public void closed() {
        hub.closed(this);
    }

    // ---- of the watch thread ----

    /** From now on {@link #becameReady} leaves another note. */
    void readyIsHeard() {
        isReadyTold.set(false);
    }

    boolean needsLeader() {
        return needsLeader;
    }

    WatchRight right() {
        return right;
    }

    boolean isEnded() {
        return isEnded;
    }

    boolean isReady() {
        return !isEnded && output.isReady();
    }

    /** Not after its end. */
    void send(WatchResponse response) {
        output.send(response);
    }

    /** A request was answered: the client may send another, as soon as there is room for its answer. */
    void requestAnswered() {
        owedRequests++;
        requestOwed();
    }

    void requestOwed() {
        while (owedRequests > 0 && isReady()) {
            owedRequests--;
            output.requestOne();
        }
    }

    void end(@Nullable StreamEnd why) {
        if (!isEnded) {
            isEnded = true;
            if (why != null) {
                output.end(why);
            }
        }
    }

    // ---- watchers ----

    /** The id for a new watcher (WA-2): the wanted one, or the next free one if that is 0; -1 if it is taken. */
    long idFor(long wanted) {
        if (wanted != 0) {
            return watchers.containsKey(wanted) ? -1 : wanted;
        }
        while (watchers.containsKey(nextId)) {
            nextId++;
        }
        return nextId++;
    }

    void add(Watcher watcher) {
        watchers.put(watcher.id(), watcher);
    }

    void remove(Watcher watcher) {
        watchers.remove(watcher.id());
    }

    @Nullable Watcher find(long id) {
        return watchers.get(id);
    }

    Collection<Watcher> watchers() {
        return watchers.values();
    }

    void park(Watcher watcher) {
        parked.add(watcher);
    }

    void unpark(Watcher watcher) {
        parked.remove(watcher);
    }

    /** Those that wait for room, who wait no more. */
    List<Watcher> takeParked() {
        List<Watcher> taken = new ArrayList<>(parked);
        parked.clear();
        return taken;
    }
}
