package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Pending;
import io.axolotl.client.WatchEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All keys of a prefix in memory, kept up to date by a watch. It always is what the prefix was at one revision: changes of one
 * revision come into it together.
 *
 * <p><b>It says how fresh it is.</b> A watch that tells nothing proves nothing: its member may be cut off. So the view reads the newest
 * revision from the cluster now and then, linearizably, and has the watch say that it is as far: then nothing is missing that was
 * written before that read was begun, and {@link Freshness#age} counts from there. {@link #get} refuses to answer when that is too long
 * ago; {@link #snapshot} answers always, with its age. When history was compacted away while the view was cut off, it loads everything
 * anew, and is behind until then.
 *
 * <p>etcd before 3.5.8 may say that a watch is as far before it has sent the events. If a member is as old, or does not tell its version, the view has
 * the servers look for changed keys instead, which costs them a walk over the prefix each time.
 *
 * <p>Takes one thread, and memory for all keys and values. Safe for all threads; answers come from memory and never block.
 */
public final class CachedView implements AutoCloseable {
    private final AxolotlClient client;
    private final CachedViewOptions options;
    private final LongSupplier clock;
    private @Nullable ViewFeed feed;

    // Guarded by this.
    private NavigableMap<Bytes, KeyValue> entries = new TreeMap<>();
    private long revision;
    private long provenNanos;
    private Optional<String> trouble = Optional.of("it is not loaded yet");
    private final NavigableMap<Long, List<CompletableFuture<Freshness>>> waiters = new TreeMap<>();
    private boolean isClosed;

    /**
     * How fresh a view is. Immutable.
     *
     * @param revision everything through it is in the view
     * @param age nothing is missing that was written longer ago; from before the read that has proven it
     * @param isBehind whether that is longer than the view's {@link CachedViewOptions#maxAge}, or the view is closed
     * @param trouble what keeps it from being fresher, if something is known to
     */
    public record Freshness(long revision, Duration age, boolean isBehind, Optional<String> trouble) {}

    /**
     * What a view was at one revision. Immutable.
     *
     * @param entries in the order of keys
     */
    public record Snapshot(NavigableMap<Bytes, KeyValue> entries, Freshness freshness) {}

    CachedView(AxolotlClient client, CachedViewOptions options, LongSupplier clock) {
        this.client = client;
        this.options = options;
        this.clock = clock;
        this.provenNanos = clock.getAsLong();
    }

    /**
     * Makes a view of all keys with a prefix; ends when it is loaded. It lives until it is closed, or the client is.
     *
     * @return fails as the reads that load it do
     */
    public static Pending<CachedView> open(AxolotlClient client, Bytes prefix, CachedViewOptions options) {
        CachedView view = new CachedView(client, options, System::nanoTime);
        ViewFeed feed = new ViewFeed(client, KeyRange.prefix(prefix), options, view);
        view.feed = feed;
        CompletableFuture<CachedView> opened = feed.start().thenApply(loaded -> view);
        var unused = opened.whenComplete((result, failure) -> {
            if (result == null) {
                view.close();
            }
        });
        return Pending.ofReads(client, "view.open", opened);
    }

    /**
     * A key as the view has it.
     *
     * @return empty if there was none
     * @throws ViewBehindException if the view cannot prove that it is as fresh as its options want
     */
    public synchronized Optional<KeyValue> get(Bytes key) {
        Freshness now = freshness();
        if (now.isBehind()) {
            throw new ViewBehindException(
                    "the view is behind: it was proven last " + now.age().toMillis()
                            + " ms ago that it has everything, through revision " + now.revision()
                            + now.trouble().map(why -> " (" + why + ")").orElse(""));
        }
        return Optional.ofNullable(entries.get(key));
    }

    /** All that the view has, however old: a copy, with what is known of its age. */
    public synchronized Snapshot snapshot() {
        return new Snapshot(Collections.unmodifiableNavigableMap(new TreeMap<>(entries)), freshness());
    }

    /** How fresh it is now. */
    public synchronized Freshness freshness() {
        long ageNanos = clock.getAsLong() - provenNanos;
        return new Freshness(
                revision,
                Duration.ofNanos(ageNanos),
                isClosed || ageNanos > options.maxAge().toNanos(),
                trouble);
    }

    /**
     * Waits until everything through a revision is in the view, for as long as that takes; to give up, cancel. With the revision of
     * one's own write one reads one's own writes.
     *
     * @return fails with a {@link ViewBehindException} when the view is closed
     */
    public Pending<Freshness> atLeast(long wanted) {
        CompletableFuture<Freshness> reached = new CompletableFuture<>();
        synchronized (this) {
            if (isClosed) {
                reached.completeExceptionally(new ViewBehindException("the view is closed"));
            } else if (revision >= wanted) {
                reached.complete(freshness());
            } else {
                waiters.computeIfAbsent(wanted, key -> new ArrayList<>()).add(reached);
            }
        }
        var unused = reached.whenComplete((done, failure) -> {
            if (reached.isCancelled()) {
                leave(wanted, reached);
            }
        });
        ViewFeed source = feed;
        if (!reached.isDone() && source != null) {
            source.hurry();
        }
        return Pending.ofReads(client, "view.atLeast", reached);
    }

    private synchronized void leave(long wanted, CompletableFuture<Freshness> waiter) {
        List<CompletableFuture<Freshness>> those = waiters.get(wanted);
        if (those != null && those.removeIf(each -> each == waiter) && those.isEmpty()) {
            waiters.remove(wanted);
        }
    }

    synchronized boolean isAwaited() {
        return !waiters.isEmpty();
    }

    synchronized boolean isClosed() {
        return isClosed;
    }

    synchronized long revision() {
        return revision;
    }

    /** How far it is, and how many keys it has. Immutable. */
    record Extent(long revision, int keys) {}

    synchronized Extent extent() {
        return new Extent(revision, entries.size());
    }

    /** Nothing more has changed through this revision, if the view is still what it was. */
    void reachedFrom(Extent extent, long at) {
        synchronized (this) {
            if (!extent().equals(extent)) {
                return;
            }
        }
        // What changes from here on has a larger revision than this one.
        reached(at);
    }

    /** Everything as of a revision, in place of what was there. */
    void loaded(NavigableMap<Bytes, KeyValue> all, long at) {
        synchronized (this) {
            entries = all;
        }
        reached(at);
    }

    /** All changes after those before, through the revision of the last. */
    void changed(List<WatchEvent> events) {
        synchronized (this) {
            for (WatchEvent event : events) {
                if (event.isDelete()) {
                    entries.remove(event.kv().key());
                } else {
                    entries.put(event.kv().key(), event.kv());
                }
            }
        }
        reached(events.get(events.size() - 1).kv().modRevision());
    }

    /** Nothing more has changed through this revision. */
    void reached(long at) {
        List<CompletableFuture<Freshness>> ready = new ArrayList<>();
        Freshness now;
        synchronized (this) {
            // A view never goes back, not even when it is loaded anew.
            revision = Math.max(revision, at);
            while (!waiters.isEmpty() && waiters.firstKey() <= revision) {
                ready.addAll(waiters.pollFirstEntry().getValue());
            }
            now = freshness();
        }
        ready.forEach(waiter -> waiter.complete(now));
    }

    /** Nothing is missing that was written before then. */
    synchronized void proven(long asOfNanos) {
        if (asOfNanos - provenNanos > 0) {
            provenNanos = asOfNanos;
        }
        if (!isClosed) {
            trouble = Optional.empty();
        }
    }

    synchronized void troubled(AxolotlException why) {
        if (!isClosed) {
            trouble = Optional.of(String.valueOf(why.getMessage()));
        }
    }

    /** Ends the view, without waiting. What waits for a revision fails. */
    @Override
    public void close() {
        List<CompletableFuture<Freshness>> left = new ArrayList<>();
        synchronized (this) {
            isClosed = true;
            trouble = Optional.of("the view is closed");
            waiters.values().forEach(left::addAll);
            waiters.clear();
        }
        ViewFeed source = feed;
        if (source != null) {
            source.close();
        }
        left.forEach(waiter -> waiter.completeExceptionally(new ViewBehindException("the view is closed")));
    }
}
