package io.axolotl.server.upkeep;

import io.axolotl.server.driver.NodeService;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.mvcc.Refusal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of the upkeep; see the package.
 *
 * <p>Confined to the thread that runs it.
 */
public final class Upkeep implements Stage {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final NodeService node;
    private final Runnable lookAtQuota;
    private final AutoCompaction compaction;
    private final SessionTime sessions;
    private final LongSupplier clock;
    private final AtomicReference<@Nullable ProposalResult> answer = new AtomicReference<>();
    private long nextLookNanos;

    /** What was proposed and is not answered yet; {@link AutoCompaction#NOTHING} if nothing. */
    private long proposed = AutoCompaction.NOTHING;

    /** @param clock monotonic, as {@code System.nanoTime} */
    public Upkeep(NodeService node, Runnable lookAtQuota, CompactionSettings compaction, LongSupplier clock) {
        this.node = node;
        this.lookAtQuota = lookAtQuota;
        this.clock = clock;
        this.nextLookNanos = clock.getAsLong();
        this.compaction = compaction.begin(nextLookNanos);
        this.sessions = new SessionTime(node);
    }

    @Override
    public boolean runOnce() {
        long nowNanos = clock.getAsLong();
        if (nowNanos - nextLookNanos >= 0) {
            nextLookNanos = nowNanos + LOOK_EVERY_NANOS;
            lookAtQuota.run();
            sessions.turn(nowNanos);
        }
        ProposalResult answered = answer.getAndSet(null);
        if (answered != null) {
            take(answered, nowNanos);
        }
        if (proposed == AutoCompaction.NOTHING) {
            compact(nowNanos);
        }
        return false;
    }

    private void compact(long nowNanos) {
        long revision;
        try {
            revision = node.store().revision();
        } catch (ClosedException closed) {
            log.debug("no revision was seen, for a snapshot has replaced the store meanwhile", closed);
            return;
        }
        long due = compaction.due(nowNanos, revision);
        if (due == AutoCompaction.NOTHING || !node.view().isLeader()) {
            return;
        }
        proposed = due;
        node.propose(Caller.MEMBER, new Command.Compact(due, false), answer::set);
    }

    private void take(ProposalResult answered, long nowNanos) {
        long revision = proposed;
        proposed = AutoCompaction.NOTHING;
        boolean isCompacted = answered instanceof ProposalResult.Done done
                && (done.result() instanceof CommandResult.Compacted
                        || done.result().equals(new CommandResult.Refused(Refusal.COMPACTED)));
        if (isCompacted) {
            compaction.compacted(nowNanos, revision);
            log.info("history through revision {} was compacted as the settings ask for", revision);
        } else {
            log.warn(
                    "history through revision {} could not be compacted, it is tried again later: {}",
                    revision,
                    answered);
        }
    }

    @Override
    public long maxParkNanos() {
        return LOOK_EVERY_NANOS;
    }

    @Override
    public void wakes(Waker waker) {
        // Looks by the clock alone.
    }
}
