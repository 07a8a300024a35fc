package io.axolotl.server.stage;

import java.util.concurrent.locks.LockSupport;

/**
 * Runs one {@link Stage} until told to stop. Whatever escapes from the stage ends the process (pitfalls 49, 67): a
 * pipeline that lost a stage would go on accepting work that nobody finishes.
 *
 * <p>Safe for all threads.
 */
public final class StageThread implements Waker {
    private final Stage stage;
    private final Thread thread;
    private volatile boolean isStopping;
    private volatile boolean isAborted;
    private volatile long busySinceNanos;

    public StageThread(String name, Stage stage, FatalHandler fatal) {
        this.stage = stage;
        this.thread = ProcessThreads.named(name, this::loop, fatal);
        this.busySinceNanos = System.nanoTime();
        stage.wakes(this);
    }

    public void start() {
        thread.start();
    }

    @Override
    public void wake() {
        LockSupport.unpark(thread);
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
                return;
            }
            LockSupport.parkNanos(this, stage.maxParkNanos());
        }
    }

    /**
     * How long the current turn of the loop has taken, or since it last told of progress. Never much more than the longest sleep while the thread is
     * healthy; grows without bound when it hangs.
     */
    public long turnNanos(long nowNanos) {
        return thread.isAlive() ? nowNanos - busySinceNanos : 0;
    }

    public Thread thread() {
        return thread;
    }

    /** Lets the stage finish what has arrived, then ends the thread and waits for it. */
    public void stopAndJoin() {
        isStopping = true;
        wake();
        join();
    }

    /** Ends the thread after the turn it is in; what has arrived stays undone. Does not wait. */
    public void abort() {
        isAborted = true;
        wake();
    }

    /** Waits for the thread's end. A thread that waits for itself, since it reports its own failure, does not. */
    public void join() {
        boolean isInterrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
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
