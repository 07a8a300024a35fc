package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.server.stage.BatchQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells the core how the disk under the log does (pitfall 25): how long each sync took, and how long the one under way has
 * been. That of the latter is the point: a disk that hangs never tells anything by itself.
 *
 * <p>Time in which the driver did not run either is nobody's sync: a process that was paused, or starved of processor time,
 * would otherwise be taken for one with a slow disk.
 *
 * <p>{@link #began} and {@link #ended} are confined to the log writer's thread, the rest to the driver's.
 */
final class DiskWatch {
    /** A sync that has been under way for less is not worth a word. */
    private static final long TOLD_FROM_NANOS = 100_000_000L;

    /** The driver never sleeps for so long by itself. */
    private static final long PAUSE_NANOS = 200_000_000L;

    private static final long NOT_RUNNING = Long.MIN_VALUE;

    private final BatchQueue<Arrival> driverQueue;
    private final LongSupplier clock;

    /** Whether the syncs run on the driver's own thread, which then cannot tell a pause from a sync. */
    private final boolean isFused;

    private volatile long runningSinceNanos = NOT_RUNNING;
    private long turnNanos;
    private long awakeSinceNanos;

    DiskWatch(BatchQueue<Arrival> driverQueue, LongSupplier clock, boolean isFused) {
        this.driverQueue = driverQueue;
        this.clock = clock;
        this.isFused = isFused;
        this.turnNanos = clock.getAsLong();
        this.awakeSinceNanos = turnNanos;
    }

    /** Something is being written that will be synced. Told again before its end it changes nothing. */
    void began() {
        if (runningSinceNanos == NOT_RUNNING) {
            long now = clock.getAsLong();
            runningSinceNanos = now == NOT_RUNNING ? now + 1 : now;
        }
    }

    /** It is durable. */
    void ended() {
        long sinceNanos = runningSinceNanos;
        runningSinceNanos = NOT_RUNNING;
        driverQueue.add(new Arrival.Synced(sinceNanos, clock.getAsLong()), 0);
    }

    /** A turn of the driver begins. */
    void turn(long nowNanos) {
        if (!isFused && nowNanos - turnNanos > PAUSE_NANOS) {
            awakeSinceNanos = nowNanos;
        }
        turnNanos = nowNanos;
    }

    void synced(Arrival.Synced sync, Consumer<Input> step) {
        step.accept(new Input.SyncObserved(awakeNanos(sync.fromNanos(), sync.toNanos()), false));
    }

    /** Tells of the sync that is under way, if it has been for long. */
    void lookAtRunning(Consumer<Input> step) {
        long sinceNanos = runningSinceNanos;
        if (sinceNanos != NOT_RUNNING) {
            long ageNanos = awakeNanos(sinceNanos, turnNanos);
            if (ageNanos >= TOLD_FROM_NANOS) {
                step.accept(new Input.SyncObserved(ageNanos, true));
            }
        }
    }

    private long awakeNanos(long fromNanos, long toNanos) {
        long awakeFromNanos = fromNanos - awakeSinceNanos < 0 ? awakeSinceNanos : fromNanos;
        return Math.max(0, toNanos - awakeFromNanos);
    }
}
