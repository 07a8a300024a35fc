package io.axolotl.jepsen.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCancelRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchCreateRequest.FilterType;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchProgressRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The watchers of one episode on one server, all on one stream, and among them a witness that sees every event from the beginning
 * on. What any other watcher must see follows from what the witness saw, so each server is held against itself, and the two
 * witnesses against each other.
 *
 * <p>Confined to one thread, apart from the stream's own, which only hands messages over.
 */
final class Watchers implements AutoCloseable {
    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();
    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});
    /** An answer that takes longer counts as missing. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static final int WITNESS = -1;
    /** An answer about the whole stream bears this id. */
    private static final long WHOLE_STREAM = -1;
    /** Until progress is asked for again. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Revisions revisions;
    private final StreamObserver<WatchRequest> requests;
    private final Object lock = new Object();
    /** Answers to requests, in their order. Guarded by the lock, as all below that the stream's thread changes. */
    private final List<WatchResponse> control = new ArrayList<>();

    /** Answers to those who asked for progress. */
    private final List<WatchResponse> progress = new ArrayList<>();
    /** What progress was told by watcher: no later event may be of this revision or of one before it (WA-9). */
    private final Map<Long, Long> announced = new HashMap<>();

    private final Map<Long, List<Event>> eventsById = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private @Nullable Status end;
    /** By number. */
    private final Map<Integer, Watcher> open = new TreeMap<>();
    /** Ids of watchers that a compaction has ended: etcd never gives them up, and we do. */
    private final Set<Long> spentIds = new HashSet<>();

    /**
     * @param from the first revision that it is told of
     * @param openedAt the store's revision when it was opened
     * @param compactedAtOpening what had been compacted then
     */
    private record Watcher(WatchCreateRequest request, long id, long from, long openedAt, long compactedAtOpening) {
        boolean wants(Event event) {
            ByteString key = event.getKv().getKey();
            FilterType dropped = event.getType() == Event.EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE;
            return event.getKv().getModRevision() >= from
                    && covers(key)
                    && !request.getFiltersList().contains(dropped);
        }

        private boolean covers(ByteString key) {
            ByteString first = request.getKey().isEmpty() ? ZERO : request.getKey();
            ByteString end = request.getRangeEnd();
            if (end.isEmpty()) {
                return key.equals(first);
            }
            return ORDER.compare(first, key) <= 0 && (end.equals(ZERO) || ORDER.compare(key, end) < 0);
        }

        /** The event as this watcher is told of it (WA-8). */
        Event as(Event event) {
            long revision = event.getKv().getModRevision();
            boolean isPreviousGone = revision <= openedAt && revision - 1 < compactedAtOpening;
            return request.getPrevKv() && !isPreviousGone
                    ? event
                    : event.toBuilder().clearPrevKv().build();
        }
    }

    Watchers(Endpoint endpoint, Revisions revisions) {
        this.revisions = revisions;
        this.requests = WatchGrpc.newStub(endpoint.channel()).watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse answer) {
                take(revisions.toEpisode(answer));
            }

            @Override
            public void onError(Throwable failure) {
                ended(Status.fromThrowable(failure));
            }

            @Override
            public void onCompleted() {
                ended(Status.OK);
            }
        });
        Answer witness = open(
                new OpenWatch(
                        WITNESS,
                        WatchCreateRequest.newBuilder()
                                .setKey(ZERO)
                                .setRangeEnd(ZERO)
                                .setPrevKv(true)
                                .setStartRevision(Revisions.START + 1)
                                .build()),
                Revisions.START);
        if (!open.containsKey(WITNESS)) {
            throw new IllegalStateException("a watch of everything was answered with " + witness);
        }
    }

    private void ended(Status status) {
        synchronized (lock) {
            end = status;
            lock.notifyAll();
        }
    }

    /** WA-6: whole revisions, in order, none newer than the header. */
    private void take(WatchResponse answer) {
        synchronized (lock) {
            if (answer.getCreated() || answer.getCanceled()) {
                control.add(answer);
                if (!answer.getCanceled()) {
                    eventsById.put(answer.getWatchId(), new ArrayList<>());
                    announced.remove(answer.getWatchId());
                }
            } else if (answer.getWatchId() == WHOLE_STREAM) {
                progress.add(answer);
                eventsById
                        .keySet()
                        .forEach(id -> announced.put(id, answer.getHeader().getRevision()));
            } else {
                List<Event> events = eventsById.get(answer.getWatchId());
                if (events == null) {
                    violations.add("an event for nobody: " + line(answer));
                    return;
                }
                long last = events.isEmpty()
                        ? 0
                        : events.get(events.size() - 1).getKv().getModRevision();
                long floor = announced.getOrDefault(answer.getWatchId(), 0L);
                boolean isWhole = true;
                for (Event event : answer.getEventsList()) {
                    isWhole &= event.getKv().getModRevision() > Math.max(last, floor);
                }
                long newest = answer.getEventsCount() == 0
                        ? 0
                        : answer.getEvents(answer.getEventsCount() - 1).getKv().getModRevision();
                if (!isWhole || answer.getHeader().getRevision() < newest) {
                    violations.add("after revision " + last + " came " + line(answer));
                }
                events.addAll(answer.getEventsList());
            }
            lock.notifyAll();
        }
    }

    private static String line(WatchResponse answer) {
        return TextFormat.printer().emittingSingleLine(true).printToString(answer);
    }

    /**
     * Creates a watcher and waits for the answers.
     *
     * @param compacted the revision up to which the history is compacted
     */
    Answer open(OpenWatch step, long compacted) {
        WatchCreateRequest wanted = step.request();
        boolean isCutOff = wanted.getStartRevision() > 0 && wanted.getStartRevision() < compacted;
        WatchCreateRequest request = isCutOff || spentIds.contains(wanted.getWatchId())
                ? wanted.toBuilder().clearWatchId().build()
                : wanted;
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(revisions.toServer(request))
                .build());
        List<WatchResponse> said = new ArrayList<>();
        synchronized (lock) {
            await(BOUND, () -> !control.isEmpty());
            said.addAll(control);
            control.clear();
            boolean isRefused = said.isEmpty() || said.get(0).getCanceled();
            if (!isRefused) {
                if (isCutOff) {
                    if (said.size() == 1) {
                        await(BOUND, () -> !control.isEmpty());
                        said.addAll(control);
                        control.clear();
                    }
                    spentIds.add(said.get(0).getWatchId());
                } else {
                    long now = said.get(0).getHeader().getRevision();
                    long from = request.getStartRevision() == 0 ? now + 1 : request.getStartRevision();
                    open.put(step.number(), new Watcher(request, said.get(0).getWatchId(), from, now, compacted));
                }
            }
        }
        return Answer.of(Status.OK, said, NOT_SHIFTED);
    }

    /** What was taken from the stream counts as the episode does already. */
    private static final Revisions NOT_SHIFTED = new Revisions(Revisions.START);

    /** Ends a watcher, whose events must have been awaited. */
    Answer cancel(int number) {
        Watcher watcher = open.remove(number);
        if (watcher == null) {
            return new Answer(Status.Code.OK, "there is no such watcher", List.of());
        }
        requests.onNext(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watcher.id))
                .build());
        synchronized (lock) {
            await(BOUND, () -> !control.isEmpty());
            List<WatchResponse> said = List.copyOf(control);
            control.clear();
            eventsById.remove(watcher.id);
            return Answer.of(Status.OK, said, NOT_SHIFTED);
        }
    }

    /** Asks until an answer tells of this revision. */
    Answer progress(long revision) {
        long deadlineNanos = System.nanoTime() + BOUND.toNanos();
        synchronized (lock) {
            progress.clear();
            while (true) {
                requests.onNext(WatchRequest.newBuilder()
                        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                        .build());
                await(PAUSE, () -> progress.stream().anyMatch(said -> tells(said, revision)));
                Optional<WatchResponse> told =
                        progress.stream().filter(said -> tells(said, revision)).findFirst();
                if (told.isPresent() || end != null || System.nanoTime() > deadlineNanos) {
                    return Answer.of(Status.OK, told.map(List::of).orElse(List.copyOf(progress)), NOT_SHIFTED);
                }
            }
        }
    }

    private static boolean tells(WatchResponse said, long revision) {
        return said.getHeader().getRevision() == revision;
    }

    boolean waitForTheFuture(long revision) {
        return open.values().stream().anyMatch(watcher -> watcher.request.getStartRevision() > revision);
    }

    /**
     * Waits until every watcher was told what it is due.
     *
     * @param revision the newest; it has an event if it is above the start
     * @param patience what takes longer counts as missing
     * @return what is wrong, if anything is
     */
    Optional<String> settle(long revision, Duration patience) {
        synchronized (lock) {
            List<Event> history = toldTo(witness());
            await(
                    patience,
                    () -> revision <= Revisions.START
                            || (!history.isEmpty()
                                    && history.get(history.size() - 1).getKv().getModRevision() >= revision));
            if (!violations.isEmpty()) {
                return Optional.of(String.join("; ", violations));
            }
            for (Map.Entry<Integer, Watcher> entry : open.entrySet()) {
                Watcher watcher = entry.getValue();
                List<Event> due =
                        history.stream().filter(watcher::wants).map(watcher::as).toList();
                List<Event> told = toldTo(watcher);
                await(patience, () -> told.size() >= due.size());
                if (!told.equals(due)) {
                    return Optional.of("watcher " + entry.getKey() + " was told " + lines(told) + " and is due "
                            + lines(due) + (end == null ? "" : "; its stream has ended: " + end));
                }
            }
            return Optional.empty();
        }
    }

    /** Of settled watchers, those that were told anything have been told all. */
    boolean mayBeCutOffBy(long compaction) {
        synchronized (lock) {
            return open.values().stream()
                    .anyMatch(watcher -> watcher.from <= watcher.openedAt
                            && watcher.from < compaction
                            && toldTo(watcher).isEmpty());
        }
    }

    /** All events since the beginning. */
    List<Event> history() {
        synchronized (lock) {
            return List.copyOf(toldTo(witness()));
        }
    }

    private Watcher witness() {
        return Objects.requireNonNull(open.get(WITNESS), "the witness is opened first and never closed");
    }

    private List<Event> toldTo(Watcher watcher) {
        return Objects.requireNonNull(eventsById.get(watcher.id), "kept from opening to closing");
    }

    static String lines(List<Event> events) {
        return events.stream()
                .map(event ->
                        "{" + TextFormat.printer().emittingSingleLine(true).printToString(event) + "}")
                .toList()
                .toString();
    }

    /** Holding the lock, until it is so, or the stream has ended, or the bound is reached. */
    private void await(Duration bound, BooleanSupplier fact) {
        long deadlineNanos = System.nanoTime() + bound.toNanos();
        while (!fact.getAsBoolean() && end == null) {
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return;
            }
            try {
                lock.wait(leftMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for a watch", e);
            }
        }
    }

    @Override
    public void close() {
        requests.onError(Status.CANCELLED.asRuntimeException());
    }
}
