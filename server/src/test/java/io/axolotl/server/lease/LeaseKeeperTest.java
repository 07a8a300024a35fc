package io.axolotl.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.lease.LeaseWorld.Keeper;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.lease.Lease;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The time of leases, by a clock of our own: when they end, and what no leader may do. */
class LeaseKeeperTest {
    private static final long NEVER = 1_000_000;

    private final LeaseWorld world = new LeaseWorld(NEVER);
    private final Keeper a = world.member();
    private final Keeper b = world.member();

    private static LeaseAnswer alive(long seconds, long ttl) {
        return new LeaseAnswer.Alive(seconds, ttl);
    }

    private static LeaseAnswer gone() {
        return new LeaseAnswer.Gone();
    }

    private static LeaseAnswer notLeader() {
        return new LeaseAnswer.NotLeader();
    }

    @Test
    @DisplayName("LE-6, GU-5: a lease ends after its TTL, not before, and its keys with it")
    void endsAfterItsTtl() {
        world.elect(a);
        world.grant(7, 10);
        world.put("k", 7);
        world.pass(Duration.ofMillis(9_900));
        assertThat(world.exists(7)).isTrue();
        world.pass(Duration.ofMillis(1_200));
        assertThat(world.exists(7)).isFalse();
        assertThat(world.keys()).isZero();
        assertThat(a.leases.expiries()).isEqualTo(1);
    }

    @Test
    @DisplayName("LE-2: a renewal gives the whole TTL again, and says so")
    void renewalGivesTheWholeTtl() {
        world.elect(a);
        world.grant(7, 10);
        for (int i = 0; i < 5; i++) {
            world.pass(9);
            assertThat(a.renew(7)).containsExactly(alive(10, 10));
        }
        world.pass(9);
        assertThat(world.exists(7)).isTrue();
        world.pass(2);
        assertThat(world.exists(7)).isFalse();
        assertThat(a.leases.renewals()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "LE-4: what is left is told in whole seconds, never more than was granted, and what is missing is gone")
    void tellsWhatIsLeft() {
        world.grant(7, 10);
        world.elect(a);
        world.grant(8, 10);
        world.pass(Duration.ofMillis(500));
        // A lease from before this leader has an election timeout more (#17642: no TTL beyond what was granted).
        assertThat(a.timeToLive(7)).containsExactly(alive(10, 10));
        world.pass(Duration.ofMillis(3_600));
        assertThat(a.timeToLive(8)).containsExactly(alive(6, 10));
        assertThat(a.timeToLive(9)).containsExactly(gone());
        assertThat(a.renew(9)).containsExactly(gone());
    }

    @Test
    @DisplayName("LE-2: who renews a lease that has run out waits until it is gone, and is told so")
    void renewalOfAnExpiredLeaseWaits() {
        world.elect(a);
        world.grant(7, 10);
        world.pass(Duration.ofMillis(9_500));
        assertThat(a.timeToLive(7)).containsExactly(alive(0, 10));
        world.hold();
        world.pass(Duration.ofMillis(1_100));
        assertThat(world.exists(7)).isTrue();
        List<LeaseAnswer> answers = a.renew(7);
        assertThat(answers).isEmpty();
        assertThat(a.timeToLive(7)).containsExactly(gone());
        world.release();
        assertThat(answers).containsExactly(gone());
        assertThat(world.exists(7)).isFalse();
    }

    @Test
    @DisplayName(
            "LE-2, LE-6: a renewal of what has run out waits for the next look: asking ends nothing sooner, nor twice")
    void renewalOfWhatHasRunOutWaitsForTheLook() {
        world.elect(a);
        world.grant(7, 10);
        assertThat(a.renew(7)).containsExactly(alive(10, 10));
        world.pass(Duration.ofMillis(9_900));
        while (world.exists(7) && a.timeToLive(7).equals(List.of(alive(0, 10)))) {
            world.pass(Duration.ofMillis(100));
        }
        List<LeaseAnswer> answers = a.renew(7);
        List<LeaseAnswer> more = a.renew(7);
        assertThat(answers).isEmpty();
        assertThat(world.log).noneMatch(Command.ExpireLease.class::isInstance);
        world.pass(3);
        assertThat(answers).containsExactly(gone());
        assertThat(more).containsExactly(gone());
        assertThat(world.log.stream().filter(Command.ExpireLease.class::isInstance))
                .hasSize(1);
    }

    @Test
    @DisplayName("pitfall 53, P7: a leader that was replaced cannot end a lease that its successor has renewed")
    void staleLeaderCannotEndWhatWasRenewed() {
        world.elect(a);
        world.grant(7, 10);
        world.put("k", 7);
        world.pass(8);
        world.elect(b, a);
        assertThat(b.renew(7)).containsExactly(alive(10, 10));
        // The old one still believes, and looks: its proposals come into the log of the new term.
        world.pass(5);
        assertThat(world.log).anyMatch(command -> command instanceof Command.ExpireLease expire && expire.term() == 1);
        assertThat(world.exists(7)).isTrue();
        assertThat(world.keys()).isEqualTo(1);
        world.pass(7);
        assertThat(world.exists(7)).isFalse();
    }

    @Test
    @DisplayName("pitfall 53: an expiry that a leader proposed and that is committed in a later term does nothing")
    void heldExpiryOfAnEarlierTermDoesNothing() {
        world.elect(a);
        world.grant(7, 10);
        world.hold();
        world.pass(11);
        world.elect(b);
        world.release();
        assertThat(world.exists(7)).isTrue();
        world.elect(a);
        assertThat(a.renew(7)).containsExactly(alive(10, 10));
    }

    @Test
    @DisplayName("LE-2: a leader that a quorum does not confirm renews nothing")
    void staleLeaderRenewsNothing() {
        world.elect(a);
        world.grant(7, 10);
        world.elect(b, a);
        assertThat(a.renew(7)).containsExactly(notLeader());
        assertThat(a.timeToLive(7)).containsExactly(notLeader());
        assertThat(a.leases.renewals()).isZero();
    }

    @Test
    @DisplayName(
            "pitfall 32: a leader that learns of its successor while it is being confirmed renews nothing, though its read holds")
    void leaderReplacedDuringConfirmationRenewsNothing() {
        world.elect(a);
        world.grant(7, 10);
        a.unconfirmed = new ArrayDeque<>();
        List<LeaseAnswer> answers = a.renew(7);
        // It knows, and has not had a turn since.
        a.believedTerm = LeaseKeeper.Member.NOT_LEADING;
        Objects.requireNonNull(a.unconfirmed.poll()).accept(true);
        assertThat(answers).containsExactly(notLeader());
    }

    @Test
    @DisplayName(
            "pitfall 32, P6: a confirmation that is older than an election timeout when it is used is asked for again")
    void oldConfirmationIsAskedForAgain() {
        world.elect(a);
        world.grant(7, 30);
        a.unconfirmed = new ArrayDeque<>();
        List<LeaseAnswer> answers = a.renew(7);
        world.pass(2);
        Objects.requireNonNull(a.unconfirmed.poll()).accept(true);
        assertThat(answers).isEmpty();
        Objects.requireNonNull(a.unconfirmed.poll()).accept(true);
        assertThat(answers).containsExactly(alive(30, 30));
    }

    @Test
    @DisplayName("a new leader answers nothing before it has applied what was committed before it")
    void beginsOnceConfirmed() {
        world.grant(7, 10);
        a.unconfirmed = new ArrayDeque<>();
        world.elect(a);
        assertThat(a.renew(7)).containsExactly(notLeader());
        world.pass(1);
        Objects.requireNonNull(a.unconfirmed.poll()).accept(false);
        world.pass(1);
        Objects.requireNonNull(a.unconfirmed.poll()).accept(true);
        a.unconfirmed = null;
        assertThat(a.renew(7)).containsExactly(alive(10, 10));
    }

    @Test
    @DisplayName(
            "pitfall 53, LE-6: a new leader gives every lease its TTL and an election timeout from its own beginning")
    void newLeaderExtends() {
        world.elect(a);
        world.grant(7, 10);
        world.pass(9);
        world.elect(b);
        world.pass(Duration.ofMillis(10_900));
        assertThat(world.exists(7)).isTrue();
        world.pass(1);
        assertThat(world.exists(7)).isFalse();
    }

    @Test
    @DisplayName("who waits at a leader that steps down is told to ask elsewhere")
    void stepDownAnswersWhoWaits() {
        world.elect(a);
        world.grant(7, 10);
        world.hold();
        world.pass(11);
        List<LeaseAnswer> answers = a.renew(7);
        assertThat(answers).isEmpty();
        world.elect(b);
        assertThat(answers).containsExactly(notLeader());
    }

    @Test
    @DisplayName("LE-6: many leases that run out at once end at no more than a thousand a second")
    void endsManyAtABoundedRate() {
        world.elect(a);
        for (long id = 1; id <= 3_000; id++) {
            world.grant(id, 10);
        }
        world.pass(Duration.ofMillis(10_500));
        int left = world.leases();
        assertThat(left).isBetween(2_000, 3_000);
        world.pass(1);
        assertThat(world.leases()).isBetween(left - 1_000, left - 900);
        world.pass(3);
        assertThat(world.leases()).isZero();
    }

    @Test
    @DisplayName("LE-6: no more expiries are under way than the bound, and all end once they can")
    void endingIsBounded() {
        world.elect(a);
        for (long id = 1; id <= 3_000; id++) {
            world.grant(id, 10);
        }
        world.hold();
        world.pass(20);
        assertThat(world.leases()).isEqualTo(3_000);
        world.release();
        assertThat(world.leases()).isEqualTo(2_000);
        world.pass(3);
        assertThat(world.leases()).isZero();
    }

    @Test
    @DisplayName("P7, P13: a leader that did not run for a while gives its leases that time back")
    void pauseEndsNothing() {
        world.elect(a);
        for (long id = 1; id <= 100; id++) {
            world.grant(id, 10);
        }
        world.pass(5);
        world.pause(60);
        world.pass(4);
        assertThat(world.leases()).isEqualTo(100);
        assertThat(a.timeToLive(1)).containsExactly(alive(1, 10));
        world.pass(3);
        assertThat(world.leases()).isZero();
    }

    @Test
    @DisplayName("A13: a lease that is revoked and granted again has its own time")
    void grantedAgainHasItsOwnTime() {
        world.elect(a);
        world.grant(7, 10);
        world.pass(8);
        world.commit(new Command.RevokeLease(7));
        world.grant(7, 20);
        world.pass(15);
        assertThat(world.exists(7)).isTrue();
        assertThat(a.renew(7)).containsExactly(alive(20, 20));
        world.pass(21);
        assertThat(world.exists(7)).isFalse();
    }

    @Test
    @DisplayName("C6: a clock whose numbers overflow, and the longest TTL of all, are nothing special")
    void clockMayOverflow() {
        LeaseWorld late = new LeaseWorld(NEVER, Long.MAX_VALUE - 5_000_000_000L);
        Keeper only = late.member();
        late.elect(only);
        late.grant(7, 10);
        late.grant(8, Lease.MAX_TTL_SECONDS);
        late.pass(9);
        assertThat(late.exists(7)).isTrue();
        late.pass(2);
        assertThat(late.exists(7)).isFalse();
        assertThat(only.timeToLive(8))
                .allSatisfy(answer -> assertThat(((LeaseAnswer.Alive) answer).remainingSeconds())
                        .isBetween(Lease.MAX_TTL_SECONDS - 12, Lease.MAX_TTL_SECONDS));
    }
}
