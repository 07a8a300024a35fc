package io.axolotl.server.driver;

import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ReadCallback;
import io.axolotl.storage.statemachine.Roster;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The roster as of what is applied here, and who waits for it to change: the transport, which has to know the addresses of
 * new members before the leader counts them, and callers that wait for a change of the membership to be over.
 *
 * <p>{@link #current}, {@link #await} and {@link #settle} are safe for all threads; {@link #changed} is confined to the apply
 * thread, {@link #expire} to the driver thread.
 */
final class RosterWatch {
    /** More than people and operators have under way. */
    private static final int MAX_WAITING = 1_000;

    private final Consumer<Roster> listener;
    private volatile Roster current;

    /** Guarded by itself. */
    private final List<Waiting> waiting = new ArrayList<>();

    private boolean isSettled;

    private record Waiting(Predicate<Roster> reached, long deadlineNanos, ReadCallback callback) {}

    /** @param listener told of every change, before anybody else sees it; must not block and must not throw */
    RosterWatch(Roster first, Consumer<Roster> listener) {
        this.current = first;
        this.listener = listener;
    }

    Roster current() {
        return current;
    }

    /** Takes what the state machine says now. Cheap if nothing has changed. */
    void changed(Roster now) {
        if (now == current) {
            return;
        }
        listener.accept(now);
        current = now;
        List<Waiting> done = new ArrayList<>();
        synchronized (waiting) {
            for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
                Waiting one = each.next();
                if (one.reached.test(now)) {
                    each.remove();
                    done.add(one);
                }
            }
        }
        done.forEach(one -> one.callback.on(null));
    }

    /** Answers once the roster is as {@code reached} says, or when the time is up. */
    void await(Predicate<Roster> reached, long deadlineNanos, ReadCallback callback) {
        Failure refusal = null;
        synchronized (waiting) {
            if (!reached.test(current)) {
                if (isSettled) {
                    refusal = Failure.STOPPED;
                } else if (waiting.size() >= MAX_WAITING) {
                    refusal = Failure.TOO_MANY_REQUESTS;
                } else {
                    waiting.add(new Waiting(reached, deadlineNanos, callback));
                    return;
                }
            }
        }
        callback.on(refusal);
    }

    /** Tells whose time is up. */
    void expire(long nowNanos) {
        List<Waiting> late = new ArrayList<>();
        synchronized (waiting) {
            if (waiting.isEmpty()) {
                return;
            }
            waiting.removeIf(one -> nowNanos - one.deadlineNanos >= 0 && late.add(one));
        }
        late.forEach(one -> one.callback.on(Failure.TIMEOUT));
    }

    /** Ends all that wait, and lets nobody wait any more. */
    void settle(@Nullable Failure failure) {
        List<Waiting> left;
        synchronized (waiting) {
            isSettled = true;
            left = List.copyOf(waiting);
            waiting.clear();
        }
        left.forEach(one -> one.callback.on(failure));
    }
}
