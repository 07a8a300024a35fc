package io.axolotl.server.driver;

import io.axolotl.server.driver.NodeService.TokenListener;
import io.axolotl.storage.command.CommandResult;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Takes the tokens that entries give from the apply thread to who keeps them. Those of entries that were in the log before this start
 * are left out: when they were given, and shown last, is not known any more, so they must not begin to live anew. Those that are
 * applied before anybody listens are kept for who will, up to a bound.
 *
 * <p>Safe for all threads.
 */
final class TokenRelay {
    static final int MAX_KEPT = 10_000;

    private final long logEndAtStart;

    /** Guarded by this, as everything below. */
    private final ArrayDeque<CommandResult.TokenAssigned> untold = new ArrayDeque<>();

    private @Nullable TokenListener listener;
    private long toldThrough;

    /** @param logEndAtStart the last index of the log as it was opened */
    TokenRelay(long logEndAtStart) {
        this.logEndAtStart = logEndAtStart;
    }

    synchronized void hear(TokenListener newListener) {
        listener = newListener;
        untold.forEach(newListener::assigned);
        untold.clear();
        newListener.toldThrough(toldThrough);
    }

    synchronized void assigned(CommandResult.TokenAssigned token) {
        if (token.index() <= logEndAtStart) {
            return;
        }
        if (listener != null) {
            listener.assigned(token);
            return;
        }
        if (untold.size() == MAX_KEPT) {
            untold.remove();
        }
        untold.add(token);
    }

    /** Everything through {@code index} was applied, and its tokens have been handed over. */
    synchronized void appliedThrough(long index) {
        toldThrough = index;
        if (listener != null) {
            listener.toldThrough(index);
        }
    }
}
