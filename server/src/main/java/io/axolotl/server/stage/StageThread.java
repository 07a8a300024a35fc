package io.axolotl.server.stage;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs one {@link Stage} until told to stop. Whatever escapes from the stage ends the process (pitfalls 49, 67): a
 * pipeline that lost a stage would go on accepting work that nobody finishes.
 *
 * <p>A turn belongs to one thread at a time. As a rule that is this one; with a {@link Lender} also the one that brought the
 * work, while this one sleeps. Who has the turn sees all that the turns before it did, so a stage that is confined to its
 * thread may as well be confined to its turn. When turns follow each other without a pause, all of them are this thread's: a
 * lender does its own work again.
 *
 * <p>Safe for all threads.
 */
public final class StageThread implements Waker {
    /** So often a lender looks whether its turn has left something to do, before it leaves that to this thread. */
    private static final int LENT_TURNS = 2;

    private final String name;
    private final Stage stage;
    private final FatalHandler fatal;
    private final Lender lender;
    private final Thread thread;

    /** Who has the turn. From the beginning this thread, so that nothing runs before it was started. */
    private final AtomicReference<@Nullable Thread> turn;

    private final AtomicBoolean isLentTurnDue = new AtomicBoolean();
    private volatile boolean isTurnAwaited;
    private volatile long parkedUntilNanos;
    private volatile boolean isStopping;
    private volatile boolean isAborted;
    private volatile long busySinceNanos;

    public StageThread(String name, Stage stage, FatalHandler fatal) {
        this(name, stage, fatal, Lender.NOBODY);
    }

    /** @param lender who else may have a turn; a stage whose turns wait for a disk must not hold it up */
    public StageThread(String name, Stage stage, FatalHandler fatal, Lender lender) {
        this.name = name;
        this.stage = stage;
        this.fatal = fatal;
        this.lender = lender;
        this.thread = ProcessThreads.named(name, this::loop, fatal);
        this.turn = new AtomicReference<>(thread);
        this.busySinceNanos = System.nanoTime();
        stage.wakes(this);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void wake() {
        boolean isFree = turn.get() == null && !isTurnAwaited;
        Executor here = isFree ? lender.ofThisThread() : null;
        if (here == null) {
            LockSupport.unpark(thread);
        } else if (isLentTurnDue.compareAndSet(false, true)) {
            try {
                here.execute(this::lentTurn);
            } catch (RejectedExecutionException e) {
                // The loop ends; this thread does not.
                isLentTurnDue.set(false);
                LockSupport.unpark(thread);
            }
        }
    }

    @Override
    public void progressed() {
        busySinceNanos = System.nanoTime();
    }

    @Override
    public boolean isEnding() {
        return isStopping || isAborted;
    }

    private void loop() {
        while (!isAborted) {
            busySinceNanos = System.nanoTime();
            if (stage.runOnce()) {
                continue;
            }
            if (isStopping) {
                break;
            }
            long parkNanos = stage.maxParkNanos();
            parkedUntilNanos = System.nanoTime() + parkNanos;
            turn.set(null);
            LockSupport.parkNanos(this, parkNanos);
            takeTurn();
        }
        // The last turn is never given back: whoever comes late finds that it is another's.
    }

    private void takeTurn() {
        while (!turn.compareAndSet(null, thread)) {
            isTurnAwaited = true;
            if (turn.get() != null) {
                LockSupport.park(this);
            }
        }
        isTurnAwaited = false;
    }

    /** On the lender's thread, with nothing of the stage's callers below it on the stack. */
    private void lentTurn() {
        // First: who wakes from here on finds the turn taken and wakes the thread, or is seen by this turn.
        isLentTurnDue.set(false);
        if (!turn.compareAndSet(null, Thread.currentThread())) {
            LockSupport.unpark(thread);
            return;
        }
        boolean isBusy = true;
        Throwable escaped = null;
        long nextNanos = 0;
        try {
            busySinceNanos = System.nanoTime();
            for (int i = 0; i < LENT_TURNS && isBusy && !isAborted; i++) {
                isBusy = stage.runOnce();
            }
            nextNanos = System.nanoTime() + stage.maxParkNanos();
        } catch (Throwable e) {
            // No other turn may follow this one.
            isAborted = true;
            escaped = e;
        }
        boolean mustGoOn = isBusy || isEnding() || nextNanos - parkedUntilNanos < 0;
        turn.set(null);
        if (mustGoOn || isTurnAwaited) {
            LockSupport.unpark(thread);
        }
        if (escaped != null) {
            fatal.fatal("a turn of " + name + " failed: " + escaped, escaped);
        }
    }

    /**
     * How long the current turn has taken, or since it last told of progress. Never much more than the longest sleep while the
     * stage is healthy; grows without bound when it hangs.
     */
    public long turnNanos(long nowNanos) {
        return thread.isAlive() ? nowNanos - busySinceNanos : 0;
    }

    public Thread thread() {
        return thread;
    }

    /** Who has the turn; the thread itself if nobody does. */
    Thread runner() {
        Thread holder = turn.get();
        return holder == null ? thread : holder;
    }

    /** Lets the stage finish what has arrived, then ends the thread and waits for it. */
    public void stopAndJoin() {
        isStopping = true;
        LockSupport.unpark(thread);
        join();
    }

    /** Ends the thread after the turn it is in; what has arrived stays undone. Does not wait. */
    public void abort() {
        isAborted = true;
        LockSupport.unpark(thread);
    }

    /**
     * Waits for the thread's end, but no longer than that.
     *
     * @return whether it has ended
     */
    public boolean join(Duration most) {
        boolean isInterrupted = false;
        long endNanos = System.nanoTime() + most.toNanos();
        for (long left = most.toNanos(); thread.isAlive() && left > 0; left = endNanos - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Waits for the thread's end. Who would wait for itself, since it reports its own failure within its turn, does not. */
    public void join() {
        boolean isInterrupted = false;
        while (thread.isAlive() && runner() != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
