package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.MoveLeaderCallback;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hand-overs of leadership that somebody waits for (MT-6). Each ends when the target leads, when somebody else does, when the
 * core gives it up or would not begin it, or when its time is up (pitfall 66).
 *
 * <p>Confined to the driver thread.
 */
final class LeaderMoves {
    /** More people than would ever wait for this; more than that is a mistake that must not fill the memory (pitfall 62). */
    private static final int MAX_MOVES = 64;

    private final long timeoutNanos;
    private final List<Move> moves = new ArrayList<>();

    private record Move(NodeId target, MoveLeaderCallback callback, long term, long startNanos) {}

    LeaderMoves(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    /** Starts one, or says at once why not; {@code transfer} steps it into the core. */
    void begin(Arrival.Move move, NodeView view, long nowNanos, Consumer<NodeId> transfer) {
        if (!view.isLeader()) {
            move.callback().on(Failure.NOT_LEADER);
        } else if (!view.membership().voters().contains(move.target())) {
            move.callback().on(Failure.BAD_TRANSFEREE);
        } else if (move.target().equals(view.self())) {
            move.callback().on(null);
        } else if (moves.size() >= MAX_MOVES) {
            move.callback().on(Failure.TOO_MANY_REQUESTS);
        } else {
            moves.add(new Move(move.target(), move.callback(), view.term(), nowNanos));
            transfer.accept(move.target());
        }
    }

    /** Looks at what has become of them; {@code view} is not older than the last {@link #begin}. */
    void look(NodeView view, long nowNanos) {
        for (Iterator<Move> each = moves.iterator(); each.hasNext(); ) {
            Move move = each.next();
            NodeId leader = view.leader();
            boolean isGivenUp = view.isLeader() && !move.target.equals(view.transferTarget());
            if (leader != null && leader.equals(move.target)) {
                each.remove();
                move.callback.on(null);
            } else if (isGivenUp
                    || (leader != null && view.term() > move.term)
                    || nowNanos - move.startNanos > timeoutNanos) {
                each.remove();
                move.callback.on(Failure.TRANSFER_TOO_LONG);
            }
        }
    }

    boolean isIdle() {
        return moves.isEmpty();
    }

    /** Ends all. */
    void settle(@Nullable Failure failure) {
        moves.forEach(move -> move.callback.on(failure));
        moves.clear();
    }
}
