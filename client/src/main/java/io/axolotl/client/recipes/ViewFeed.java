package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.ClientClosedException;
import io.axolotl.client.Endpoint;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.RefusedException;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Loads a {@link CachedView}, has it follow a watch, and proves that it is fresh. One thread loads and follows; proofs come as the
 * client's reads do. Safe for all threads.
 */
final class ViewFeed {
    private static final long TROUBLE_PAUSE_MILLIS = 100;

    /** A question how far the watch is may go unanswered. */
    private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A watch that has not come as far as the cluster was so long ago is given up for another. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final AxolotlClient client;
    private final KeyRange range;
    private final CachedViewOptions options;
    private final CachedView view;
    private final CompletableFuture<Boolean> loaded = new CompletableFuture<>();
    private final Thread thread;

    private volatile @Nullable Watch watch;
    private volatile long followingSinceNanos;

    /** Whether what members say of the progress of a watch is so. */
    private volatile boolean isProgressTrue;

    private volatile boolean isClosed;

    // Guarded by this.
    /** The revision that the view has to reach to be proven fresh as of {@link #askedNanos}; 0 if none is to be reached. */
    private long proofRevision;

    private long askedNanos;
    private boolean isAsking;

    ViewFeed(AxolotlClient client, KeyRange range, CachedViewOptions options, CachedView view) {
        this.client = client;
        this.range = range;
        this.options = options;
        this.view = view;
        this.thread = new Thread(this::run, "axolotl-view");
        thread.setDaemon(true);
    }

    /** @return ends when the view is loaded for the first time, or cannot be */
    CompletableFuture<Boolean> start() {
        thread.start();
        return loaded;
    }

    void close() {
        isClosed = true;
        thread.interrupt();
        Watch open = watch;
        if (open != null) {
            open.close();
        }
    }

    private void run() {
        try {
            isProgressTrue = areAllNewEnough();
            tick();
            boolean mustLoad = true;
            while (!isClosed) {
                try {
                    if (mustLoad) {
                        load();
                    }
                    mustLoad = false;
                    mustLoad = follow();
                } catch (ClientClosedException closed) {
                    loaded.completeExceptionally(closed);
                    view.close();
                    return;
                } catch (AxolotlException e) {
                    view.troubled(e);
                    if (e.code() != ErrorCode.OUT_OF_RANGE) {
                        // Else history was compacted between two pages: begin again.
                        loaded.completeExceptionally(e);
                    }
                    Thread.sleep(TROUBLE_PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException closed) {
            // It was closed.
            loaded.cancel(false);
        }
    }

    private boolean areAllNewEnough() {
        for (Endpoint endpoint : client.options().endpoints()) {
            try {
                if (!hasTrueProgress(
                        client.maintenance().status(endpoint).await().version())) {
                    return false;
                }
            } catch (RefusedException e) {
                return false;
            }
        }
        return true;
    }

    /** etcd-io/etcd 15220: before 3.5.8 an answer may come ahead of the events that it speaks of. */
    static boolean hasTrueProgress(String version) {
        String[] parts = version.split("[.+-]", 4);
        try {
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            return major > 3 || (major == 3 && (minor > 5 || (minor == 5 && Integer.parseInt(parts[2]) >= 8)));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Reads all keys at one revision, a page at a time. */
    private void load() {
        long sinceNanos = System.nanoTime();
        NavigableMap<Bytes, KeyValue> all = new TreeMap<>();
        KeyRange rest = range;
        long revision = 0;
        GetResult page;
        do {
            page = client.kv()
                    .get(rest, GetOptions.DEFAULT.withLimit(options.pageKeys()).withRevision(revision))
                    .await();
            if (revision == 0) {
                revision = page.header().revision();
            }
            page.kvs().forEach(kv -> all.put(kv.key(), kv));
            if (!page.kvs().isEmpty()) {
                rest = KeyRange.between(all.lastKey().plus("\0"), range.end());
            }
        } while (page.more());
        view.loaded(all, revision);
        view.proven(sinceNanos);
        judge();
        loaded.complete(true);
    }

    /**
     * Has the view follow a watch until that ends.
     *
     * @return whether everything has to be loaded anew
     */
    private boolean follow() throws InterruptedException {
        try (Watch following = client.watch(
                range, WatchOptions.DEFAULT.from(view.revision() + 1).withProgress(true))) {
            followingSinceNanos = System.nanoTime();
            watch = following;
            while (!isClosed) {
                WatchResult result = next(following);
                if (result == null) {
                    return false;
                }
                if (result.isCanceled()) {
                    // History is gone, or the user's right to it: the next load will tell.
                    view.troubled(new ViewBehindException(
                            result.compactRevision() > 0
                                    ? "history was compacted away before the view had seen it; it is loaded anew"
                                    : "the servers have ended the watch: " + result.cancelReason()));
                    return true;
                }
                if (result.isProgress()) {
                    view.reached(result.header().revision());
                } else {
                    view.changed(result.events());
                }
                judge();
            }
            return false;
        } finally {
            watch = null;
        }
    }

    /** @return null if the watch was closed: with the view, or since it is silent */
    private static @Nullable WatchResult next(Watch following) throws InterruptedException {
        try {
            return following.next();
        } catch (IllegalStateException over) {
            return null;
        }
    }

    /** Asks sooner than at the next turn. */
    void hurry() {
        askHowFar();
    }

    /** Asks what is to be asked, again and again. */
    private void tick() {
        if (isClosed) {
            return;
        }
        boolean isDue;
        boolean isUnproven;
        boolean isLate;
        long now = System.nanoTime();
        synchronized (this) {
            isUnproven = proofRevision != 0;
            isLate = isUnproven && now - askedNanos > SILENCE_NANOS;
            isDue = !isUnproven
                    && !isAsking
                    && now - askedNanos >= options.proofInterval().toNanos();
            if (isDue) {
                isAsking = true;
                askedNanos = now;
            }
        }
        Watch following = watch;
        if (isDue) {
            askNewest();
        } else if (isLate && following != null && now - followingSinceNanos > SILENCE_NANOS) {
            // Its member is cut off, or does not answer: the next watch may find another one.
            following.close();
        } else if (isUnproven || view.isAwaited()) {
            askHowFar();
        }
        CompletableFuture.delayedExecutor(
                        Math.min(ASK_AGAIN_NANOS, options.proofInterval().toNanos()), TimeUnit.NANOSECONDS)
                .execute(this::tick);
    }

    /** What the newest revision is, linearizably. */
    private void askNewest() {
        var unused = client.kv()
                .get(KeyRange.single(range.key()), GetOptions.DEFAULT.withCountOnly(true))
                .whenComplete((found, failure) -> {
                    synchronized (this) {
                        isAsking = false;
                        if (found != null) {
                            proofRevision = found.header().revision();
                        }
                    }
                    if (failure instanceof AxolotlException why) {
                        view.troubled(why);
                    }
                    judge();
                    if (isUnproven()) {
                        askHowFar();
                    }
                });
    }

    private synchronized boolean isUnproven() {
        return proofRevision != 0;
    }

    /** Whether the view has reached what it has to. */
    private void judge() {
        long asOfNanos;
        synchronized (this) {
            if (proofRevision == 0 || view.revision() < proofRevision) {
                return;
            }
            proofRevision = 0;
            asOfNanos = askedNanos;
        }
        view.proven(asOfNanos);
    }

    private void askHowFar() {
        Watch following = watch;
        if (following == null) {
            return;
        }
        if (isProgressTrue) {
            following.requestProgress();
        } else {
            lookForChanges(view.extent());
        }
    }

    /** If no key was put since, and there are as many as there were, nothing has changed since. */
    private void lookForChanges(CachedView.Extent extent) {
        GetOptions.Filter changed = new GetOptions.Filter(extent.revision() + 1, 0, 0, 0);
        var unused = client.kv()
                .get(range, GetOptions.DEFAULT.withLimit(1).withKeysOnly(true).withFilter(changed))
                .thenAccept(found -> {
                    if (found.kvs().isEmpty() && found.count() == extent.keys()) {
                        view.reachedFrom(extent, found.header().revision());
                        judge();
                    }
                });
    }
}
