package io.axolotl.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.api.Edge;
import io.axolotl.server.api.FakeNode;
import io.axolotl.storage.command.Command;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("pitfall 51: time for sessions is carried by the log, and never more than has passed")
class SessionTimeTest {
    private final FakeNode node = new FakeNode(Edge.MAX_REQUEST_BYTES);
    private final SessionTime time = new SessionTime(node);
    private long nowNanos = 1;

    @AfterEach
    void close() {
        node.close();
    }

    private void open() {
        node.propose(new Command.OpenSession(7, 10), result -> {});
        assertThat(node.store().sessionCount()).isEqualTo(1);
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            nowNanos += TimeUnit.SECONDS.toNanos(1);
            time.turn(nowNanos);
        }
    }

    @Test
    void anIdleSessionEndsAfterItsTimeAndNotBefore() {
        time.turn(nowNanos);
        open();
        pass(SessionTime.IDLE_SECONDS - 1);
        assertThat(node.store().sessionCount()).isEqualTo(1);
        pass((int) SessionTime.SAID_EVERY_SECONDS);
        assertThat(node.store().sessionCount()).isZero();
    }

    @Test
    void aClusterWithoutSessionsIsLeftInPeace() {
        pass(10_000);
        assertThat(node.proposals).hasValue(0);
        open();
        pass((int) SessionTime.SAID_EVERY_SECONDS);
        assertThat(node.proposals)
                .as("one to open it, one to say what time it is")
                .hasValue(2);
    }

    @Test
    void whoDoesNotLeadSaysNothing() {
        open();
        node.leader = FakeNode.OTHER;
        pass(1_000);
        assertThat(node.proposals).hasValue(1);
    }

    @Test
    @DisplayName("P7: a leader that stood still does not count the time in which nobody could use a session")
    void timeInWhichTheLeaderStoodStillDoesNotCount() {
        open();
        pass(20);
        nowNanos += TimeUnit.HOURS.toNanos(1);
        time.turn(nowNanos);
        pass(9);
        assertThat(node.proposals).hasValue(1);
        pass(2);
        assertThat(node.proposals).hasValue(2);
        assertThat(node.store().sessionCount()).isEqualTo(1);
    }

    @Test
    void timeBeforeLeadingDoesNotCount() {
        open();
        pass(29);
        node.leader = FakeNode.OTHER;
        pass(1);
        node.leader = FakeNode.SELF;
        pass(29);
        assertThat(node.proposals).hasValue(1);
    }
}
