package io.axolotl.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.lease.LeaseWorld.Keeper;
import io.axolotl.storage.command.Command;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is left of long leases is written down, so that a change of leader does not give them everything again. */
class LeaseCheckpointTest {
    private final LeaseWorld world = new LeaseWorld(10);
    private final Keeper a = world.member();
    private final Keeper b = world.member();

    @Test
    @DisplayName("LE-6, C8: what was left is left after a change of leader, and an election timeout more")
    void remainingSurvivesAChangeOfLeader() {
        world.elect(a);
        world.grant(7, 60);
        world.pass(31);
        assertThat(world.lease(7).remainingSeconds()).isBetween(29L, 31L);
        world.elect(b);
        assertThat(b.timeToLive(7))
                .allSatisfy(answer -> assertThat(((LeaseAnswer.Alive) answer).remainingSeconds())
                        .isBetween(29L, 32L));
        world.pass(28);
        assertThat(world.exists(7)).isTrue();
        world.pass(5);
        assertThat(world.exists(7)).isFalse();
    }

    @Test
    @DisplayName("C8, etcd#17132: it is written down again under every leader")
    void remainingSurvivesManyChanges() {
        world.elect(a);
        world.grant(7, 60);
        for (int i = 0; i < 4; i++) {
            world.pass(11);
            world.elect(i % 2 == 0 ? b : a);
        }
        // 44 s have passed under five leaders; each gave at most an election timeout and the time since the last
        // checkpoint.
        assertThat(world.lease(7).remainingSeconds()).isBetween(15L, 26L);
        world.pass(28);
        assertThat(world.exists(7)).isFalse();
    }

    @Test
    @DisplayName("C8, GU-5: a renewal is answered only when what was written down has been taken back")
    void renewalTakesTheCheckpointBack() {
        world.elect(a);
        world.grant(7, 60);
        world.pass(50);
        assertThat(world.lease(7).remainingSeconds()).isPositive();
        world.hold();
        List<LeaseAnswer> answers = a.renew(7);
        assertThat(answers).isEmpty();
        world.release();
        assertThat(answers).containsExactly(new LeaseAnswer.Alive(60, 60));
        assertThat(world.lease(7).remainingSeconds()).isZero();
        world.elect(b);
        world.pass(Duration.ofMillis(60_900));
        assertThat(world.exists(7)).isTrue();
    }

    @Test
    @DisplayName("C8: a checkpoint that is under way when the renewal comes cannot count after it")
    void checkpointUnderWayIsTakenBackToo() {
        world.elect(a);
        world.grant(7, 60);
        world.pass(Duration.ofMillis(9_900));
        world.hold();
        world.pass(2);
        assertThat(world.lease(7).remainingSeconds()).isZero();
        List<LeaseAnswer> answers = a.renew(7);
        assertThat(answers).isEmpty();
        world.release();
        assertThat(answers).containsExactly(new LeaseAnswer.Alive(60, 60));
        assertThat(world.lease(7).remainingSeconds()).isZero();
        assertThat(world.checkpoints()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 53: a checkpoint of a leader that was replaced does nothing")
    void staleCheckpointDoesNothing() {
        world.elect(a);
        world.grant(7, 60);
        world.pass(9);
        world.elect(b, a);
        assertThat(b.renew(7)).containsExactly(new LeaseAnswer.Alive(60, 60));
        world.pass(5);
        assertThat(world.log)
                .anyMatch(command -> command instanceof Command.CheckpointLeases stale && stale.term() == 1);
        assertThat(world.lease(7).remainingSeconds()).isZero();
    }

    @Test
    @DisplayName("a renewal that cannot take the checkpoint back is not answered with a TTL")
    void renewalIsGivenUpWithLeadership() {
        world.elect(a);
        world.grant(7, 60);
        world.pass(15);
        world.hold();
        List<LeaseAnswer> answers = a.renew(7);
        world.elect(b);
        assertThat(answers).containsExactly(new LeaseAnswer.NotLeader());
        world.release();
        assertThat(a.leases.renewals()).isZero();
    }

    @Test
    @DisplayName(
            "checkpoints come many to a command, one command at a time, and only of leases that are long enough and not renewed")
    void checkpointsComeTogether() {
        world.elect(a);
        for (long id = 1; id <= 700; id++) {
            world.grant(id, 60);
        }
        world.grant(1_000, 9);
        world.grant(1_001, 60);
        for (int i = 0; i < 4; i++) {
            world.pass(3);
            a.renew(1_000);
            a.renew(1_001);
        }
        assertThat(world.checkpoints()).isEqualTo(2);
        assertThat(world.lease(1).remainingSeconds()).isBetween(49L, 51L);
        assertThat(world.lease(1_000).remainingSeconds()).isZero();
        assertThat(world.lease(1_001).remainingSeconds()).isZero();
        world.hold();
        world.pass(25);
        world.release();
        assertThat(world.lease(700).remainingSeconds()).isLessThan(45);
    }
}
