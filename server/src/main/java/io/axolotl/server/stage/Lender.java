package io.axolotl.server.stage;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Whose thread brings work to a stage and can do it itself: the event loops of the network, once they have read all that had
 * arrived. To wake a sleeping thread costs more than most turns take, and whoever waits for the answer waits for that too.
 *
 * <p>Safe for all threads.
 */
@FunctionalInterface
public interface Lender {
    /** Nobody lends. */
    Lender NOBODY = () -> null;

    /** The event loop whose thread this is, whoever made it. */
    Lender EVENT_LOOPS = () -> {
        EventExecutor loop = ThreadExecutorMap.currentExecutor();
        return loop != null && loop.inEventLoop() ? loop : null;
    };

    /**
     * Who runs a task on the calling thread as soon as that is done with what it is at, or null if nobody does: then the
     * stage's own thread has to be woken. A task never runs within the call that hands it over.
     */
    @Nullable Executor ofThisThread();
}
