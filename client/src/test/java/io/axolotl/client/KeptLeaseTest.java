package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("LE-2: a lease that is kept, and says early when it cannot be")
final class KeptLeaseTest {
    private static final long TTL = 12;
    private static final Header HEADER = new Header(1, 1, 1, 1);

    private final List<CompletableFuture<LeaseKeepAliveResult>> sent = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final List<Long> revoked = new ArrayList<>();
    private long nowNanos;
    private final KeptLease lease = new KeptLease(
            7,
            TTL,
            nowNanos,
            id -> {
                CompletableFuture<LeaseKeepAliveResult> answer = new CompletableFuture<>();
                sent.add(answer);
                return answer;
            },
            revoked::add,
            new KeptLease.Listener() {
                @Override
                public void recovered() {
                    heard.add("recovered");
                }

                @Override
                public void inDanger(Duration left) {
                    heard.add("in danger, " + left.toSeconds() + " s left");
                }

                @Override
                public void lost(String why) {
                    heard.add("lost: " + why);
                }
            },
            () -> nowNanos);

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            nowNanos += TimeUnit.SECONDS.toNanos(1);
            lease.look();
        }
    }

    private void answer(long ttlSeconds) {
        sent.get(sent.size() - 1).complete(new LeaseKeepAliveResult(HEADER, 7, ttlSeconds));
    }

    private void fail() {
        sent.get(sent.size() - 1).completeExceptionally(new RefusedException(ErrorCode.UNAVAILABLE, "no leader"));
    }

    @Test
    void itIsRenewedEachThirdOfItsTimeOneAtATime() {
        pass(3);
        assertThat(sent).isEmpty();
        pass(1);
        assertThat(sent).hasSize(1);
        answer(TTL);
        pass(3);
        assertThat(sent).hasSize(1);
        pass(1);
        assertThat(sent).hasSize(2);
        pass(5);
        assertThat(sent).as("the second is still under way").hasSize(2);
    }

    @Test
    void timeIsCountedFromBeforeARenewalWasSent() {
        pass(4);
        nowNanos += TimeUnit.SECONDS.toNanos(3);
        answer(TTL);
        assertThat(lease.left()).isEqualTo(Duration.ofSeconds(TTL - 3));
    }

    @Test
    void dangerIsToldAtHalfTimeAndItsEndToo() {
        pass(4);
        pass(1);
        assertThat(heard).isEmpty();
        pass(1);
        assertThat(heard).containsExactly("in danger, 6 s left");
        assertThat(lease.state()).isEqualTo(KeptLease.State.IN_DANGER);
        pass(1);
        answer(TTL);
        assertThat(heard).containsExactly("in danger, 6 s left", "recovered");
        assertThat(lease.state()).isEqualTo(KeptLease.State.ALIVE);
    }

    @Test
    void aRenewalThatFailsIsTriedAgainAtTheNextLook() {
        pass(4);
        fail();
        pass(1);
        assertThat(sent).hasSize(2);
        answer(TTL);
        assertThat(heard).isEmpty();
    }

    @Test
    void withoutARenewalItIsLostWhenItsTimeIsOverAndNothingFollows() {
        pass(12);
        assertThat(heard).containsExactly("in danger, 6 s left", "lost: it was not renewed in time");
        assertThat(lease.left()).isZero();
        answer(TTL);
        pass(20);
        assertThat(heard).hasSize(2);
        assertThat(sent).hasSize(1);
        lease.close();
        assertThat(revoked).isEmpty();
        assertThat(lease.state()).isEqualTo(KeptLease.State.LOST);
    }

    @Test
    void whatTheServersSayIsGoneIsLost() {
        pass(4);
        answer(0);
        assertThat(heard).containsExactly("lost: the servers say that it is gone");
    }

    @Test
    void closingRevokesItOnceAndSaysNothing() {
        lease.close();
        lease.close();
        pass(20);
        assertThat(revoked).containsExactly(7L);
        assertThat(heard).isEmpty();
        assertThat(sent).isEmpty();
        assertThat(lease.state()).isEqualTo(KeptLease.State.CLOSED);
        assertThat(lease.left()).isZero();
    }
}
