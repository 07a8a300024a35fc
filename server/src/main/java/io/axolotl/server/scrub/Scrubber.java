package io.axolotl.server.scrub;

import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.wal.WalCorruptedException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through log, state and snapshots of a member again and again; see the package.
 *
 * <p>{@link #start} and {@link #stop} are called once, by any thread; the rest is confined to the scrub's own.
 */
public final class Scrubber {
    private static final Logger log = LoggerFactory.getLogger(Scrubber.class);
    private static final int SLOWER_UNDER_LOAD = 4;
    private static final long STOP_SECONDS = 10;

    private final ScrubSettings settings;
    private final Subjects subjects;
    private final BooleanSupplier isBusy;
    private final ScrubMetrics metrics;
    private final FatalHandler fatal;
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile @Nullable Thread started;

    /** Waits so many nanoseconds; false if the scrub is to end. */
    private final LongPredicate waiter;

    /** What there is to read, and what to do about snapshots. Each reading tells the bytes it has read, and may be held up. */
    public interface Subjects {
        /** @throws WalCorruptedException if something does not verify */
        void verifyLog(LongConsumer read);

        /**
         * @throws EngineException if something does not verify
         * @throws ClosedException if the state was replaced or closed meanwhile
         */
        void verifyState(LongConsumer read);

        /** Takes damaged ones out of use. @return what was found, for people */
        List<String> verifySnapshots(LongConsumer read);

        /** Makes a new snapshot soon. */
        void replaceSnapshot();

        /** Makes durable what has been applied, so that the log before it is not needed to start again. */
        void flushState();
    }

    /** Cuts a pass short. */
    private static final class EndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    public Scrubber(
            ScrubSettings settings,
            Subjects subjects,
            BooleanSupplier isBusy,
            ScrubMetrics metrics,
            FatalHandler fatal) {
        this.settings = settings;
        this.subjects = subjects;
        this.isBusy = isBusy;
        this.metrics = metrics;
        this.fatal = fatal;
        this.waiter = this::awaitUnlessEnding;
    }

    /** For tests, in which nobody waits. */
    Scrubber(
            ScrubSettings settings,
            Subjects subjects,
            BooleanSupplier isBusy,
            ScrubMetrics metrics,
            FatalHandler fatal,
            LongPredicate waiter) {
        this.settings = settings;
        this.subjects = subjects;
        this.isBusy = isBusy;
        this.metrics = metrics;
        this.fatal = fatal;
        this.waiter = waiter;
    }

    /** @param name of the thread */
    public void start(String name) {
        Thread thread = ProcessThreads.named(name, this::run, fatal);
        thread.start();
        started = thread;
    }

    /** Ends soon, and before what it reads is closed. */
    public void stop() {
        ending.countDown();
        Thread thread = started;
        if (thread == null || thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        if (!waiter.test(settings.firstAfterNanos())) {
            return;
        }
        long startNanos;
        do {
            startNanos = System.nanoTime();
        } while (pass() && waiter.test(Math.max(1, settings.intervalNanos() - (System.nanoTime() - startNanos))));
    }

    /**
     * Reads everything once.
     *
     * @return false if the scrub is over: it was told to end, or has found what only a new start mends
     */
    boolean pass() {
        try {
            subjects.verifyLog(this::pace);
            verifyState();
            List<String> damaged = subjects.verifySnapshots(this::pace);
            for (String each : damaged) {
                metrics.found();
                log.warn("the scrub has found a damaged snapshot, a new one is made: {}", each);
            }
            if (!damaged.isEmpty()) {
                subjects.replaceSnapshot();
            }
            metrics.passed(System.currentTimeMillis());
            return true;
        } catch (EndedException ended) {
            return false;
        } catch (WalCorruptedException damage) {
            return end("the log", damage.place(), damage);
        } catch (EngineException damage) {
            return end("the state", String.valueOf(damage.getMessage()), damage);
        }
    }

    /** A state that a snapshot replaces meanwhile is gone with its damage. */
    private void verifyState() {
        try {
            subjects.verifyState(this::pace);
        } catch (ClosedException closed) {
            log.info("the scrub leaves out a state that was replaced: {}", closed.getMessage());
        }
    }

    private boolean end(String what, String place, RuntimeException damage) {
        metrics.found();
        log.error("the scrub has found damage in {}: {}", what, place);
        try {
            subjects.flushState();
        } catch (RuntimeException e) {
            damage.addSuppressed(e);
        }
        fatal.fatal("the scrub has found damage in " + what + ": " + place + ". The next start repairs it", damage);
        return false;
    }

    /** Holds the reader up for as long as so many bytes may take. */
    private void pace(long bytes) {
        metrics.read(bytes);
        double seconds = (double) bytes / settings.bytesPerSecond();
        long nanos = (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        if (!waiter.test(isBusy.getAsBoolean() ? SLOWER_UNDER_LOAD * nanos : nanos)) {
            throw new EndedException();
        }
    }

    private boolean awaitUnlessEnding(long nanos) {
        try {
            return !ending.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
