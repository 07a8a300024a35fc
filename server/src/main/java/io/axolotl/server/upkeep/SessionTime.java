package io.axolotl.server.upkeep;

import io.axolotl.raft.NodeView;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import java.util.concurrent.TimeUnit;

/**
 * Carries time into the log for sessions (pitfall 51): while this member leads, and there are sessions, it says every half
 * minute how much has passed by its monotonic clock. A cluster without sessions is left in peace.
 *
 * <p>It may say less than is true, never more: a term's time before its first look is not counted, nor is time in which this
 * member stood still and nobody could use a session, nor what a lost command has said. So no session ends early.
 *
 * <p>Confined to one thread.
 */
final class SessionTime {
    static final long SAID_EVERY_SECONDS = 30;

    /**
     * Sessions that nobody has used for so long end. Time is said up to 35 s after it has passed, and a session counts as used when
     * time was last said before its use: so this is ten minutes at least.
     */
    static final int IDLE_SECONDS = 635;

    /** Who did not look for so long stood still. */
    private static final long STILL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final NodeService node;

    /** The term that is led, and whose time is counted; 0 for none. */
    private long term;

    private long lookedNanos;
    private long passedNanos;

    SessionTime(NodeService node) {
        this.node = node;
    }

    void turn(long nowNanos) {
        NodeView view = node.view();
        long ledTerm = view.isLeader() ? view.term() : 0;
        boolean isCounted = ledTerm != 0 && ledTerm == term && nowNanos - lookedNanos < STILL_NANOS;
        if (ledTerm != term) {
            term = ledTerm;
            passedNanos = 0;
        } else if (isCounted) {
            passedNanos += nowNanos - lookedNanos;
        }
        lookedNanos = nowNanos;
        long seconds = TimeUnit.NANOSECONDS.toSeconds(passedNanos);
        if (seconds < SAID_EVERY_SECONDS) {
            return;
        }
        passedNanos -= TimeUnit.SECONDS.toNanos(seconds);
        if (node.store().sessionCount() > 0) {
            // Whatever comes of it: sessions that live longer do no harm.
            node.propose(
                    Caller.MEMBER, new Command.PassTime(term, Math.toIntExact(seconds), IDLE_SECONDS), result -> {});
        }
    }
}
