package io.axolotl.server.api.watch;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.driver.NodeService;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.mvcc.HistoryView;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All watches of this member; the package tells how they work. A turn takes what has arrived, looks at the store once, reads one
 * piece for those that are synced and one for a cohort of those behind, and sends what it found.
 *
 * <p>{@link #open}, {@link #endAll} and the methods of {@link NodeService.HistoryFollower} are safe for all threads; the rest is
 * confined to the watch thread.
 */
public final class WatchHub implements Stage, NodeService.HistoryFollower {
    private static final Logger log = LoggerFactory.getLogger(WatchHub.class);

    private static final long INVALID_ID = -1;
    private static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";
    private static final String EMPTY_RANGE = "mvcc: watcher range is empty";
    private static final String COMPACTED = "mvcc: required revision has been compacted";
    private static final String TOO_LARGE =
            "etcdserver: one revision holds more for this watcher than the server can send; watch a smaller range";

    /** How often to look when nobody tells of anything; a leader that is lost, for one, is not told of. */
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long DOUBT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Nobody removes history while it is decided from where on it is needed. */
    private static final long ALL_OF_IT = 0;

    private static final long NONE_OF_IT = Long.MAX_VALUE;

    private final NodeService node;
    private final WatchLimits limits;
    private final Forms forms;
    private final WatchMetrics metrics;
    private final LongSupplier clock;

    /** Time counts from here: the origin of the clock is nobody's business (fault C6). */
    private final long originNanos;

    private final BatchQueue<Task> queue = new BatchQueue<>(Integer.MAX_VALUE, Long.MAX_VALUE);
    private final List<Task> arrived = new ArrayList<>();
    /** Bounded by what streams may send before they are answered. */
    private final Deque<Task.Received> requests = new ArrayDeque<>();

    private final Set<WatchStream> streams = new LinkedHashSet<>();
    private final Set<WatchStream> askingProgress = new LinkedHashSet<>();
    private final WatcherGroup synced = new WatcherGroup(0);
    private final Cohorts cohorts = new Cohorts();
    private final UnsentBytes unsent;
    private final Delivery delivery;
    private final ProgressTicks ticks;
    private int watcherCount;
    private int parkedCount;
    private int putOffCount;

    /** Everything through this revision has been given to the synced ones. */
    private long tail;

    private long doubtSinceNanos;
    private boolean isInDoubt;
    private long leaderlessSinceNanos;
    private boolean isLeaderless;
    private boolean isEnding;

    /** By which every watcher was let go on. */
    private @Nullable AuthState lastAuth;

    private volatile Waker waker = Waker.NOBODY;
    /** Whether it is worth waking this thread when something was applied. */
    private volatile boolean isFollowing;

    private volatile long neededFrom = NONE_OF_IT;
    private volatile boolean isRepaired;

    /** Notes for the watch thread. */
    private sealed interface Task {
        record Opened(WatchStream stream) implements Task {}

        record Received(WatchStream stream, WatchRequest request) implements Task {}

        record Ready(WatchStream stream) implements Task {}

        record Closed(WatchStream stream) implements Task {}

        record EndAll() implements Task {}
    }

    /** @param clock monotonic, as {@code System.nanoTime} */
    public WatchHub(
            NodeService node,
            WatchLimits limits,
            Forms forms,
            WatchMetrics metrics,
            LongSupplier clock,
            RandomGenerator random) {
        this.node = node;
        this.limits = limits;
        this.forms = forms;
        this.metrics = metrics;
        this.clock = clock;
        this.originNanos = clock.getAsLong();
        this.unsent = new UnsentBytes(limits.maxUnsentBytes());
        this.delivery = new Delivery(limits, forms, unsent, metrics);
        this.ticks = new ProgressTicks(limits.progressInterval().toNanos(), random);
        node.follow(this);
    }

    // ---- from other threads ----

    /**
     * A client has opened a stream.
     *
     * @param needsLeader it wants to be told when there is none (WA-13)
     * @param right asked for each watcher
     */
    public WatchStream open(StreamOutput output, boolean needsLeader, WatchRight right) {
        WatchStream stream = new WatchStream(this, output, needsLeader, right);
        queue.add(new Task.Opened(stream), 0);
        return stream;
    }

    void received(WatchStream stream, WatchRequest request) {
        queue.add(new Task.Received(stream, request), 0);
    }

    void becameReady(WatchStream stream) {
        queue.add(new Task.Ready(stream), 0);
    }

    void closed(WatchStream stream) {
        queue.add(new Task.Closed(stream), 0);
    }

    /** Ends all streams, and every one that is opened later: this server stops. */
    public void endAll() {
        queue.add(new Task.EndAll(), 0);
    }

    @Override
    public void advanced() {
        if (isFollowing) {
            waker.wake();
        }
    }

    @Override
    public void repaired() {
        isRepaired = true;
    }

    @Override
    public long neededFrom() {
        return neededFrom;
    }

    // ---- the loop ----

    private long nowNanos() {
        return clock.getAsLong() - originNanos;
    }

    @Override
    public void wakes(Waker newWaker) {
        waker = newWaker;
        queue.wakes(newWaker);
    }

    @Override
    public long maxParkNanos() {
        long nowNanos = nowNanos();
        return Math.max(1, Math.min(isInDoubt ? DOUBT_NANOS : IDLE_NANOS, ticks.nanosToNext(nowNanos)));
    }

    @Override
    public boolean runOnce() {
        queue.drainTo(arrived);
        boolean isBusy = !arrived.isEmpty();
        arrived.forEach(this::take);
        arrived.clear();
        isFollowing = !streams.isEmpty();
        if (streams.isEmpty()) {
            requests.clear();
            isRepaired = false;
            isInDoubt = false;
            neededFrom = NONE_OF_IT;
            report(0);
            return isBusy;
        }
        long nowNanos = nowNanos();
        lookForLeader(nowNanos);
        if (!mayServe(nowNanos)) {
            return isBusy;
        }
        if (synced.isEmpty()) {
            // Before the look: whoever becomes synced by it needs everything that it does not show.
            neededFrom = ALL_OF_IT;
        }
        try (HistoryView history = look()) {
            if (history == null) {
                endStreams(StreamEnd.STOPPED, stream -> true);
                return true;
            }
            if (!mayServe(nowNanos)) {
                return isBusy;
            }
            isBusy |= turn(history, nowNanos);
            neededFrom = Math.min(
                    synced.isEmpty() ? NONE_OF_IT : tail + 1, putOffCount == 0 ? NONE_OF_IT : cohorts.putOffFrom());
            endLargest();
            report(history.revision() - tail);
        }
        return isBusy;
    }

    /** The store may be replaced at any moment, and the old one is closed some time later. Null if this node stops. */
    private @Nullable HistoryView look() {
        KvStateMachine store = node.store();
        while (true) {
            try {
                return store.history();
            } catch (ClosedException closed) {
                KvStateMachine successor = node.store();
                if (successor == store) {
                    log.info("watches end, for there is nothing to read any more: {}", closed.getMessage());
                    return null;
                }
                store = successor;
            }
        }
    }

    private void report(long tailLag) {
        metrics.now(
                streams.size(),
                watcherCount,
                cohorts.size() + parkedCount,
                cohorts.count(),
                unsent.totalBytes(),
                tailLag);
    }

    // ---- notes ----

    private void take(Task task) {
        if (task instanceof Task.Opened opened) {
            opened(opened.stream);
        } else if (task instanceof Task.Received received) {
            if (!received.stream.isEnded()) {
                requests.add(received);
            }
        } else if (task instanceof Task.Ready ready) {
            ready.stream.readyIsHeard();
            hasRoom(ready.stream);
        } else if (task instanceof Task.Closed closed) {
            end(closed.stream, null);
        } else if (task instanceof Task.EndAll) {
            isEnding = true;
            endStreams(StreamEnd.STOPPED, stream -> true);
        }
    }

    private void opened(WatchStream stream) {
        streams.add(stream);
        delivery.streamsAre(streams.size());
        if (isEnding) {
            end(stream, StreamEnd.STOPPED);
        }
    }

    private void hasRoom(WatchStream stream) {
        if (!stream.isReady()) {
            return;
        }
        unsent.isFree(stream);
        stream.requestOwed();
        for (Watcher watcher : stream.takeParked()) {
            parkedCount--;
            isBehind(watcher);
        }
    }

    /** @param why null if the client has gone */
    private void end(WatchStream stream, @Nullable StreamEnd why) {
        if (!streams.remove(stream)) {
            return;
        }
        if (why != null) {
            metrics.streamEnded();
        }
        stream.end(why);
        List.copyOf(stream.watchers()).forEach(this::remove);
        unsent.isFree(stream);
        ticks.forget(stream);
        askingProgress.remove(stream);
        delivery.streamsAre(streams.size());
    }

    private void endStreams(StreamEnd why, Predicate<WatchStream> which) {
        List.copyOf(streams).stream().filter(which).forEach(stream -> end(stream, why));
    }

    private void endLargest() {
        for (WatchStream largest = unsent.toEnd(); largest != null; largest = unsent.toEnd()) {
            log.warn(
                    "ending a watch stream that holds {} of {} bytes that clients do not take",
                    largest.unsentBytes,
                    unsent.totalBytes());
            end(largest, StreamEnd.TOO_MUCH_UNSENT);
        }
    }

    // ---- whether to serve ----

    /**
     * While what this member holds is in doubt, nothing is told of it: not for long, then clients are sent elsewhere. If it
     * turned out to be wrong, they are too, since what they were told may be.
     */
    private boolean mayServe(long nowNanos) {
        if (!node.isTrusted()) {
            if (!isInDoubt) {
                isInDoubt = true;
                doubtSinceNanos = nowNanos;
            }
            if (nowNanos - doubtSinceNanos >= limits.doubtPatience().toNanos()) {
                endStreams(StreamEnd.IN_DOUBT, stream -> true);
            }
            return false;
        }
        isInDoubt = false;
        if (isRepaired) {
            isRepaired = false;
            endStreams(StreamEnd.IN_DOUBT, stream -> true);
            return false;
        }
        return true;
    }

    /** Whether what has been read until now may be told. */
    private boolean isSound() {
        return node.isTrusted() && !isRepaired;
    }

    /** WA-13. */
    private void lookForLeader(long nowNanos) {
        if (node.view().leader() != null) {
            isLeaderless = false;
        } else if (!isLeaderless) {
            isLeaderless = true;
            leaderlessSinceNanos = nowNanos;
        } else if (nowNanos - leaderlessSinceNanos >= limits.leaderPatience().toNanos()) {
            endStreams(StreamEnd.NO_LEADER, WatchStream::needsLeader);
        }
    }

    // ---- a turn ----

    /** @return whether more is left to do */
    private boolean turn(HistoryView history, long nowNanos) {
        long newest = history.revision();
        if (newest < tail && !synced.isEmpty()) {
            throw new AssertionError("the store is at revision " + newest + ", and watchers were told of " + tail);
        }
        dismissWhoMayNot(newest);
        if (synced.isEmpty()) {
            // Nobody has to be told of what lies between.
            tail = newest;
        }
        while (!requests.isEmpty()) {
            Task.Received next = requests.remove();
            if (!next.stream.isEnded()) {
                handle(next.stream, next.request, history, nowNanos);
            }
        }
        readTail(history);
        boolean isMoreBehind = readCohort(history);
        answerProgress();
        ticks.run(nowNanos, this::tick);
        return isMoreBehind || tail < newest || !queue.isEmpty();
    }

    /**
     * Cancels watchers whose clients may not watch any more what they do. Before anything is sent: what was looked at holds no
     * change that came after one of users or roles which does not show here, for such a one ends its run.
     */
    private void dismissWhoMayNot(long newest) {
        AuthState auth = node.store().auth();
        if (auth == lastAuth) {
            return;
        }
        lastAuth = auth;
        for (WatchStream stream : List.copyOf(streams)) {
            for (Watcher watcher : List.copyOf(stream.watchers())) {
                String forbidden = watcher.standing()
                        .refusalOf(auth, watcher.span().from(), watcher.span().rangeEnd());
                if (forbidden != null) {
                    remove(watcher);
                    delivery.sendControl(
                            stream,
                            message(watcher.id(), newest)
                                    .setCanceled(true)
                                    .setCancelReason(forbidden)
                                    .build());
                }
            }
        }
    }

    private void handle(WatchStream stream, WatchRequest request, HistoryView history, long nowNanos) {
        switch (request.getRequestUnionCase()) {
            case CREATE_REQUEST -> create(stream, request.getCreateRequest(), history, nowNanos);
            case CANCEL_REQUEST -> cancel(stream, request.getCancelRequest().getWatchId(), history.revision());
            case PROGRESS_REQUEST -> askingProgress.add(stream);
            // WA-5: ignored, the stream goes on.
            case REQUESTUNION_NOT_SET -> {}
        }
        stream.requestAnswered();
    }

    /** WA-1 to WA-4. */
    private void create(WatchStream stream, WatchCreateRequest request, HistoryView history, long nowNanos) {
        long newest = history.revision();
        KeySpan span = KeySpan.of(request.getKey(), request.getRangeEnd());
        WatchRight.Answer right = stream.right().ask(node.store().auth(), span.from(), span.rangeEnd());
        String forbidden = right.refusal();
        if (forbidden != null) {
            refuse(stream, forbidden, newest);
            return;
        }
        if (span.isEmpty()) {
            refuse(stream, EMPTY_RANGE, newest);
            return;
        }
        if (request.getStartRevision() < 0) {
            refuse(stream, COMPACTED, newest);
            return;
        }
        long id = stream.idFor(request.getWatchId());
        if (id == INVALID_ID) {
            refuse(stream, DUPLICATE_ID, newest);
            return;
        }
        long start = request.getStartRevision() == 0 ? newest + 1 : request.getStartRevision();
        Watcher watcher = new Watcher(stream, id, span, right.standing(), request, start);
        delivery.sendControl(stream, message(id, newest).setCreated(true).build());
        stream.add(watcher);
        watcherCount++;
        // What is compacted is told of by no member, also by one whose tail is not there yet.
        if (start > tail && start >= history.compactRevision()) {
            isSynced(watcher);
        } else {
            isBehind(watcher);
        }
        if (watcher.wantsProgress()) {
            ticks.wanted(stream, nowNanos);
        }
    }

    private void refuse(WatchStream stream, String reason, long newest) {
        delivery.sendControl(
                stream,
                message(INVALID_ID, newest)
                        .setCreated(true)
                        .setCanceled(true)
                        .setCancelReason(reason)
                        .build());
    }

    /** WA-5. */
    private void cancel(WatchStream stream, long id, long newest) {
        Watcher watcher = stream.find(id);
        if (watcher != null) {
            remove(watcher);
            delivery.sendControl(stream, message(id, newest).setCanceled(true).build());
        }
    }

    private WatchResponse.Builder message(long id, long revision) {
        return WatchResponse.newBuilder()
                .setHeader(forms.header().apply(revision))
                .setWatchId(id);
    }

    // ---- reading ----

    private void readTail(HistoryView history) {
        long newest = history.revision();
        if (tail >= newest || synced.isEmpty()) {
            return;
        }
        if (tail + 1 < history.completeFrom()) {
            loseTail(history);
        }
        if (tail >= newest || synced.isEmpty()) {
            return;
        }
        Sweep sweep = new Sweep(history, limits, forms);
        long through = sweep.read(synced.index(), tail + 1, newest);
        if (!isSound()) {
            sweep.undo();
            return;
        }
        for (Watcher watcher : sweep.touched()) {
            send(watcher, through);
        }
        tail = through;
    }

    /** A snapshot of a member that has removed more has come in between: who needed what is gone is told so. */
    private void loseTail(HistoryView history) {
        long first = history.completeFrom();
        for (Watcher watcher : synced.members()) {
            if (Math.max(watcher.next(), tail + 1) < first) {
                isCompacted(watcher, history);
            }
        }
        tail = first - 1;
    }

    /** @return whether somebody is still behind */
    private boolean readCohort(HistoryView history) {
        WatcherGroup cohort = cohorts.take();
        if (cohort == null) {
            return false;
        }
        long from = cohort.next();
        if (from < history.compactRevision()) {
            boolean isStillThere = from >= history.completeFrom();
            for (Watcher watcher : cohort.members()) {
                if (!watcher.isPutOff() || !isStillThere) {
                    isCompacted(watcher, history);
                }
            }
            if (cohort.isEmpty()) {
                return cohorts.size() > 0;
            }
        }
        long through = from - 1;
        if (from <= tail) {
            Sweep sweep = new Sweep(history, limits, forms);
            through = sweep.read(cohort.index(), from, Math.min(tail, cohorts.following(from) - 1));
            if (!isSound()) {
                sweep.undo();
                cohorts.giveBack(cohort, from);
                return true;
            }
            for (Watcher watcher : sweep.touched()) {
                send(watcher, history.revision());
            }
        }
        if (through >= tail) {
            for (Watcher watcher : cohort.members()) {
                cohort.remove(watcher);
                watcher.goesOnFrom(through + 1);
                isSynced(watcher);
            }
        } else {
            cohorts.giveBack(cohort, through + 1);
        }
        return cohorts.size() > 0;
    }

    /** Sends what a sweep has found for a watcher of the group that is being read, which it leaves if there is no room. */
    private void send(Watcher watcher, long headerRevision) {
        if (watcher.place() == Watcher.Place.GONE) {
            watcher.takePending();
            return;
        }
        if (watcher.isTooLarge()) {
            watcher.takePending();
            leave(watcher);
            gone(watcher);
            delivery.sendControl(
                    watcher.stream(),
                    message(watcher.id(), headerRevision)
                            .setCanceled(true)
                            .setCancelReason(TOO_LARGE)
                            .build());
            return;
        }
        boolean isDeferred = watcher.isDeferred();
        long deferredFrom = watcher.deferredFrom();
        List<Event> events = watcher.takePending();
        if (!events.isEmpty() && unsent.isTooMuch()) {
            // Whoever holds most is ended before the next turn; until then nothing is added.
            isDeferred = true;
            deferredFrom = Delivery.revisionOf(events.get(0));
        } else {
            long unsentFrom = delivery.sendEvents(watcher, events, headerRevision);
            if (unsentFrom != Delivery.ALL) {
                leave(watcher);
                watcher.goesOnFrom(unsentFrom);
                isParked(watcher);
                return;
            }
        }
        if (isDeferred) {
            boolean keptUp = watcher.place() == Watcher.Place.SYNCED || watcher.isPutOff();
            leave(watcher);
            watcher.goesOnFrom(deferredFrom);
            isPutOff(watcher, keptUp);
            isBehind(watcher);
        }
    }

    // ---- places ----

    private void isSynced(Watcher watcher) {
        watcher.isNow(Watcher.Place.SYNCED);
        isPutOff(watcher, false);
        synced.add(watcher);
    }

    private void isBehind(Watcher watcher) {
        watcher.isNow(Watcher.Place.BEHIND);
        cohorts.add(watcher);
    }

    private void isParked(Watcher watcher) {
        watcher.isNow(Watcher.Place.PARKED);
        isPutOff(watcher, false);
        watcher.stream().park(watcher);
        parkedCount++;
        metrics.parked();
    }

    private void isPutOff(Watcher watcher, boolean itIs) {
        if (watcher.isPutOff() != itIs) {
            watcher.isPutOff(itIs);
            putOffCount += itIs ? 1 : -1;
        }
    }

    /** Leaves the group that is being read, which the cohorts do not hold meanwhile. */
    private void leave(Watcher watcher) {
        watcher.group().remove(watcher);
    }

    /** WA-4. The watcher is of the group that is being read. */
    private void isCompacted(Watcher watcher, HistoryView history) {
        long next = Math.max(watcher.next(), watcher.place() == Watcher.Place.SYNCED ? tail + 1 : 0);
        leave(watcher);
        if (!watcher.stream().isReady()) {
            watcher.goesOnFrom(next);
            isParked(watcher);
            return;
        }
        gone(watcher);
        metrics.compacted();
        delivery.sendControl(
                watcher.stream(),
                message(watcher.id(), 0)
                        .setCanceled(true)
                        .setCompactRevision(history.compactRevision())
                        .build());
    }

    private void remove(Watcher watcher) {
        switch (watcher.place()) {
            case SYNCED -> synced.remove(watcher);
            case BEHIND -> cohorts.remove(watcher);
            case PARKED -> {
                watcher.stream().unpark(watcher);
                parkedCount--;
            }
            case GONE -> throw new AssertionError("watcher " + watcher.id() + " is gone already");
        }
        gone(watcher);
    }

    private void gone(Watcher watcher) {
        watcher.isNow(Watcher.Place.GONE);
        isPutOff(watcher, false);
        watcher.stream().remove(watcher);
        watcherCount--;
    }

    // ---- bookmarks ----

    /** WA-9 b. Whoever is not told asks again. */
    private void answerProgress() {
        for (WatchStream stream : askingProgress) {
            if (!stream.watchers().isEmpty() && stream.watchers().stream().allMatch(this::isAtTail)) {
                delivery.sendControl(stream, message(INVALID_ID, tail).build());
            }
        }
        askingProgress.clear();
    }

    /** WA-9 a. */
    private void tick(WatchStream stream) {
        for (Watcher watcher : stream.watchers()) {
            if (watcher.wantsProgress() && watcher.takeQuiet() && isAtTail(watcher) && stream.isReady()) {
                delivery.sendControl(stream, message(watcher.id(), tail).build());
            }
        }
    }

    /** Nothing that it wants through the tail is still to come, and it wants what comes next (WA-9 c). */
    private boolean isAtTail(Watcher watcher) {
        return watcher.place() == Watcher.Place.SYNCED && watcher.next() <= tail + 1;
    }
}
