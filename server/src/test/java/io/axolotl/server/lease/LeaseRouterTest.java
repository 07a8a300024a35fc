package io.axolotl.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Questions on their way to the leader. */
class LeaseRouterTest {
    private static final NodeId ONE = new NodeId(1);
    private static final NodeId TWO = new NodeId(2);
    private static final LeaseAnswer ALIVE = new LeaseAnswer.Alive(10, 10);

    private @Nullable NodeId leader = ONE;
    private long nowNanos = Long.MAX_VALUE - 10;
    private final List<NodeId> asked = new ArrayList<>();
    private final ArrayDeque<Consumer<@Nullable LeaseAnswer>> open = new ArrayDeque<>();
    private final List<Object> outcomes = new ArrayList<>();
    private final LeaseRouter router = new LeaseRouter(
            new LeaseRouter.Cluster() {
                @Override
                public @Nullable NodeId leader() {
                    return leader;
                }

                @Override
                public void ask(NodeId to, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> onAnswer) {
                    asked.add(to);
                    open.add(onAnswer);
                }
            },
            TimeUnit.SECONDS.toNanos(7),
            () -> nowNanos);

    private void ask() {
        router.ask(new LeaseQuestion(7, true), new LeaseRouter.Callback() {
            @Override
            public void on(LeaseAnswer answer) {
                outcomes.add(answer);
            }

            @Override
            public void failed(LeaseRouter.Failure why) {
                outcomes.add(why);
            }
        });
    }

    private void answer(@Nullable LeaseAnswer answer) {
        open.remove().accept(answer);
    }

    private void pass(long millis) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
        router.turn();
    }

    @Test
    @DisplayName("G-7, LE-2: asks whoever leads now, and again until there is an answer")
    void asksUntilAnswered() {
        ask();
        answer(new LeaseAnswer.NotLeader());
        leader = TWO;
        assertThat(router.isIdle()).isFalse();
        pass(10);
        assertThat(asked).containsExactly(ONE);
        pass(50);
        answer(null);
        pass(50);
        answer(ALIVE);
        assertThat(asked).containsExactly(ONE, TWO, TWO);
        assertThat(outcomes).containsExactly(ALIVE);
        assertThat(router.isIdle()).isTrue();
    }

    @Test
    @DisplayName("LE-2: without a leader it fails when the time is up, and says why")
    void failsWhenTheTimeIsUp() {
        leader = null;
        ask();
        for (int i = 0; i < 140; i++) {
            assertThat(outcomes).isEmpty();
            pass(50);
        }
        assertThat(outcomes).containsExactly(LeaseRouter.Failure.NO_LEADER);
        leader = ONE;
        ask();
        nowNanos += TimeUnit.SECONDS.toNanos(8);
        answer(null);
        assertThat(outcomes).endsWith(LeaseRouter.Failure.TIMEOUT);
    }

    @Test
    void closingAnswersWhoWaitsAndWhoComes() {
        leader = null;
        ask();
        router.close();
        ask();
        assertThat(outcomes).containsExactly(LeaseRouter.Failure.STOPPED, LeaseRouter.Failure.STOPPED);
    }
}
