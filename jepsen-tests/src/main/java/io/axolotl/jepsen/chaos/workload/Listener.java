package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Told;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One watch after the other on one seat, each message written down: from a revision of the past, of the near future, from where the
 * watch before had ended, or from now on. Owned by one thread, which calls {@link #listen}; the other methods are safe for all.
 */
final class Listener {
    private static final long PAUSE_NANOS = 100_000_000;
    private static final int PAST = 150;
    private static final int LONG_PAST = 1_000;
    private static final int FUTURE = 20;

    private final Lane lane;
    private final Crowd crowd;
    private final String prefix;
    private final String single;
    private final AtomicLong numbers;
    private final SplittableRandom chance;

    // Guarded by this.
    private @Nullable Watch watch;
    private Told.@Nullable Watching watching;
    private long lastRevision;
    private long openedNanos = System.nanoTime();
    private boolean isClosed;

    /**
     * @param single the key of watches of one key
     * @param numbers of watches
     */
    Listener(Lane lane, Crowd crowd, String prefix, String single, AtomicLong numbers, SplittableRandom chance) {
        this.lane = lane;
        this.crowd = crowd;
        this.prefix = prefix;
        this.single = single;
        this.numbers = numbers;
        this.chance = chance;
    }

    /** Until {@link #close}. */
    void listen() {
        long told = 0;
        long resume = 0;
        while (true) {
            Told.Watching next = draw(told, resume);
            Watch opened = open(next);
            if (opened == null) {
                return;
            }
            resume = 0;
            long openedNanos = lane.history().now();
            long since = openedNanos;
            try {
                while (true) {
                    WatchResult result = opened.next();
                    write("told", next, Told.toJson(result), Outcome.DONE, "", since);
                    since = lane.history().now();
                    told = Math.max(told, note(result));
                    if (result.isCanceled()) {
                        resume = result.compactRevision();
                        break;
                    }
                }
            } catch (AxolotlException e) {
                write("lost", next, KvCall.nothing(), Outcome.REFUSED, e.code() + ": " + e.getMessage(), since);
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (IllegalStateException e) {
                // It was closed here: another one follows, or nothing.
                write(Told.CLOSED, next, Told.reached(reached()), Outcome.DONE, "", openedNanos);
                LockSupport.parkNanos(PAUSE_NANOS / 10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                opened.close();
            }
        }
    }

    private Told.Watching draw(long told, long resume) {
        long newest = crowd.newestRevision();
        int drawn = chance.nextInt(10);
        long from;
        if (resume != 0) {
            from = resume;
        } else if (drawn < 4) {
            from = Math.max(crowd.firstRevision(), told) + 1;
        } else if (drawn < 8) {
            from = Math.max(crowd.firstRevision() + 1, newest + FUTURE - chance.nextInt(PAST));
        } else if (drawn == 8) {
            from = Math.max(crowd.firstRevision() + 1, newest - chance.nextInt(LONG_PAST));
        } else {
            from = 0;
        }
        boolean isPrefix = chance.nextInt(3) > 0;
        return new Told.Watching(
                numbers.incrementAndGet(), isPrefix ? prefix : single, isPrefix, from, chance.nextBoolean());
    }

    private synchronized @Nullable Watch open(Told.Watching next) {
        if (isClosed) {
            return null;
        }
        WatchOptions options = WatchOptions.DEFAULT
                .from(next.from())
                .withPrevious(next.hasPrevious())
                .withProgress(chance.nextBoolean());
        Bytes key = Bytes.of(next.key());
        Watch opened = lane.client().watch(next.isPrefix() ? KeyRange.prefix(key) : KeyRange.single(key), options);
        watch = opened;
        watching = next;
        lastRevision = 0;
        openedNanos = System.nanoTime();
        return opened;
    }

    /** The revision up to which it has told. */
    private synchronized long note(WatchResult result) {
        long revision = result.events().isEmpty()
                ? result.header().revision()
                : result.events().get(result.events().size() - 1).kv().modRevision();
        crowd.told(revision);
        if (!result.isCanceled()) {
            lastRevision = Math.max(lastRevision, revision);
        }
        return result.isCanceled() ? 0 : revision;
    }

    private void write(String kind, Told.Watching what, JsonObject output, Outcome outcome, String error, long since) {
        var unused = lane.history()
                .add(
                        lane.number(),
                        lane.endpoint(),
                        kind,
                        what.toJson(),
                        output,
                        outcome,
                        error,
                        since,
                        lane.history().now());
    }

    private synchronized long reached() {
        return lastRevision;
    }

    /** How long the watch has been there. */
    synchronized long ageNanos() {
        return System.nanoTime() - openedNanos;
    }

    /** Ends the watch, so that another one follows. */
    void again() {
        Watch current;
        synchronized (this) {
            current = watch;
        }
        if (current != null) {
            current.close();
        }
    }

    /** Whether the watch has told of everything up to this revision, or is to begin later. */
    synchronized boolean hasReached(long revision) {
        return lastRevision >= revision || (watching != null && !isDue(watching, revision));
    }

    /** A watch from now on may have begun after the revision was there, unless it has told of something before. */
    private synchronized boolean isDue(Told.Watching what, long revision) {
        return what.from() == 0 ? lastRevision > 0 : what.from() <= revision;
    }

    /** Writes down how far it is, where it should have told of this revision. */
    void writeReach(long revision) {
        Told.Watching what;
        long reached;
        synchronized (this) {
            what = watching;
            reached = lastRevision;
        }
        if (what == null || !isDue(what, revision)) {
            return;
        }
        JsonObject input = what.toJson();
        input.addProperty("until", revision);
        JsonObject output = Told.reached(reached);
        long now = lane.history().now();
        var unused = lane.history()
                .add(lane.number(), lane.endpoint(), Told.REACH, input, output, Outcome.DONE, "", now, now);
    }

    void close() {
        synchronized (this) {
            isClosed = true;
        }
        again();
    }
}
