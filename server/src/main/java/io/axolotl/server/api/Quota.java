package io.axolotl.server.api;

import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCost;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The quota of this member's store, and what follows when it is reached (contract B.12). Two halves, as with etcd:
 *
 * <ul>
 *   <li>Here, a call that would take the store past its quota is refused before it is proposed (QU-1, QU-3). The size of the
 *       store is asked for a few times a second; in between, the estimated cost of what was let through counts as if it
 *       were stored already.
 *   <li>Everywhere, once this member has raised NOSPACE: that is a command like any other, and from then on all members
 *       refuse alike when they apply (QU-2), until an operator disarms it. It is raised by the first call that is refused,
 *       and by {@link #look}, for what the others let through fills this store too.
 * </ul>
 *
 * <p>Whether the alarm is raised is not looked at here: this member may lag, and would go on refusing for a while after
 * somebody was told that the alarm is disarmed.
 *
 * <p>Safe for all threads.
 */
public final class Quota {
    private static final long REFRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final NodeService node;
    private final StoreReader store;
    private final Alarm alarm;
    private final long limitBytes;
    private final LongSupplier nanoTime;
    private final AtomicLong admittedBytes = new AtomicLong();
    private final AtomicBoolean isRaising = new AtomicBoolean();
    private volatile long storeBytes;
    private volatile long refreshedNanos;

    /** @param limitBytes most bytes of the store; negative switches the quota off */
    Quota(NodeService node, long limitBytes, LongSupplier nanoTime) {
        this.node = node;
        this.store = new StoreReader(node::store);
        this.alarm = new Alarm(node.self().value(), AlarmKind.NOSPACE);
        this.limitBytes = limitBytes;
        this.nanoTime = nanoTime;
        refresh(nanoTime.getAsLong());
    }

    long limitBytes() {
        return limitBytes;
    }

    /** What costs nothing is always let through: it may be what frees space. */
    boolean admits(Command command) {
        long cost = CommandCost.addedBytes(command);
        if (limitBytes < 0 || cost == 0) {
            return true;
        }
        long now = nanoTime.getAsLong();
        if (now - refreshedNanos > REFRESH_NANOS) {
            refresh(now);
        }
        if (storeBytes + admittedBytes.get() + cost >= limitBytes) {
            return false;
        }
        admittedBytes.addAndGet(cost);
        return true;
    }

    /** Raises the alarm if the store has reached its quota. To be called now and then. */
    public void look() {
        if (limitBytes < 0) {
            return;
        }
        refresh(nanoTime.getAsLong());
        if (storeBytes >= limitBytes) {
            raise(() -> {});
        }
    }

    /**
     * Raises the alarm, then runs {@code then}, whatever became of it: at once if it is raised, or somebody is about to. A
     * raising that fails is tried again by the next call that is refused, or by {@link #look}.
     *
     * @param then must neither block nor throw
     */
    void raise(Runnable then) {
        if (isRaised() || !isRaising.compareAndSet(false, true)) {
            then.run();
            return;
        }
        node.propose(Caller.MEMBER, new Command.RaiseAlarm(alarm), outcome -> {
            isRaising.set(false);
            then.run();
        });
    }

    private boolean isRaised() {
        try {
            return store.read(s -> s.alarms().isRaised(alarm));
        } catch (RequestRefused stopping) {
            return true;
        }
    }

    private void refresh(long now) {
        refreshedNanos = now;
        try {
            long bytes = store.read(KvStateMachine::sizeBytes);
            admittedBytes.set(0);
            storeBytes = bytes;
        } catch (RequestRefused stopping) {
            // The last known size serves until the end.
            return;
        }
    }
}
