package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** MT-6: whoever asks for a hand-over of leadership is answered once, and as soon as it is known what came of it. */
class LeaderMovesTest {
    private static final NodeId A = new NodeId(1);
    private static final NodeId B = new NodeId(2);
    private static final NodeId C = new NodeId(3);
    private static final long TIMEOUT = 1_000;

    /** A and B are to vote, C no more. */
    private static final Membership JOINT =
            new Membership(new TreeSet<>(List.of(A, B)), new TreeSet<>(List.of(A, C)), new TreeSet<>());

    private final LeaderMoves moves = new LeaderMoves(TIMEOUT);
    private final List<Object> answers = new ArrayList<>();
    private final List<NodeId> asked = new ArrayList<>();

    private static NodeView view(long term, @Nullable NodeId leader, @Nullable NodeId target) {
        return new NodeView(
                A,
                A.equals(leader) ? TraceEvent.RoleName.LEADER : TraceEvent.RoleName.FOLLOWER,
                term,
                null,
                leader,
                EntryId.ZERO,
                new EntryId(1, 1),
                1,
                1,
                1,
                JOINT,
                1,
                0,
                target,
                List.of());
    }

    private void begin(NodeId target) {
        moves.begin(
                new Arrival.Move(target, failure -> answers.add(failure == null ? "done" : failure)),
                view(1, A, null),
                0,
                asked::add);
    }

    @Test
    void aMoveEndsWhenItsTargetLeads() {
        begin(B);
        moves.look(view(1, A, B), 1);
        assertThat(answers).isEmpty();
        moves.look(view(2, null, null), 2);
        assertThat(answers).isEmpty();
        moves.look(view(2, B, null), 3);
        assertThat(answers).containsExactly("done");
        assertThat(moves.isIdle()).isTrue();
    }

    @Test
    void aMoveEndsWhenSomebodyElseLeadsOrItsTimeIsUp() {
        begin(B);
        moves.look(view(2, C, null), 1);
        begin(B);
        moves.look(view(1, A, B), TIMEOUT);
        assertThat(answers).containsExactly(Failure.TRANSFER_TOO_LONG);
        moves.look(view(1, A, B), TIMEOUT + 1);
        assertThat(answers).containsExactly(Failure.TRANSFER_TOO_LONG, Failure.TRANSFER_TOO_LONG);
    }

    @Test
    @DisplayName("MT-6: a voter on its way out is refused at once, as the core would refuse it without a word")
    void aVoterOnItsWayOutIsNoTransferee() {
        begin(C);
        assertThat(answers).containsExactly(Failure.BAD_TRANSFEREE);
        assertThat(asked).isEmpty();
    }

    @Test
    @DisplayName("a hand-over that the core will not begin, gives up, or drops for another is answered at once")
    void whatTheCoreGivesUpIsAnswered() {
        begin(B);
        moves.look(view(1, A, null), 1);
        assertThat(answers).containsExactly(Failure.TRANSFER_TOO_LONG);
        assertThat(moves.isIdle()).isTrue();
    }

    @Test
    @DisplayName("pitfall 62: more than a few do not wait")
    void tooManyAreRefused() {
        for (int i = 0; i < 64; i++) {
            begin(B);
        }
        assertThat(answers).isEmpty();
        begin(B);
        assertThat(answers).containsExactly(Failure.TOO_MANY_REQUESTS);
        moves.settle(Failure.STOPPED);
        assertThat(answers).hasSize(65);
    }
}
