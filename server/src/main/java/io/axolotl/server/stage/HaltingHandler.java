package io.axolotl.server.stage;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process, with last words if there is time for them. The words go to a pipe that may be full and is read by
 * nobody; a node that waits for that goes on to vote and answer with a state that it must not trust. So the end is set
 * before the first word.
 *
 * <p>Safe for all threads.
 */
final class HaltingHandler implements FatalHandler {
    private final BiConsumer<String, @Nullable Throwable> lastWords;
    private final IntConsumer halt;
    private final long patienceNanos;

    /**
     * @param lastWords tells why; may block for ever
     * @param halt ends the process with an exit code
     * @param patienceNanos how long the last words may take
     */
    HaltingHandler(BiConsumer<String, @Nullable Throwable> lastWords, IntConsumer halt, long patienceNanos) {
        this.lastWords = lastWords;
        this.halt = halt;
        this.patienceNanos = patienceNanos;
    }

    @Override
    public void fatal(String what, @Nullable Throwable cause) {
        try {
            Thread end = new Thread(this::haltInTime, "axolotl-end");
            end.setDaemon(true);
            end.start();
            lastWords.accept(what, cause);
        } finally {
            halt.accept(EXIT_CODE);
        }
    }

    private void haltInTime() {
        long deadlineNanos = System.nanoTime() + patienceNanos;
        for (long left = patienceNanos; left > 0; left = deadlineNanos - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        halt.accept(EXIT_CODE);
    }
}
