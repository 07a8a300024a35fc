package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("LE-2: a lease that is kept, and says early when it cannot be")
final class KeptLeaseTest {
    private static final long TTL = 12;
    private static final Header HEADER = new Header(1, 1, 1, 1);

    private final List<CompletableFuture<LeaseKeepAliveResult>> sent = new ArrayList<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<Long> revoked = new ArrayList<>();
    private volatile Runnable onRecovered = () -> {};
    private final AtomicLong nowNanos = new AtomicLong();
    private final KeptLease lease = new KeptLease(
            7,
            TTL,
            nowNanos.get(),
            id -> {
                CompletableFuture<LeaseKeepAliveResult> answer = new CompletableFuture<>();
                sent.add(answer);
                return answer;
            },
            revoked::add,
            new KeptLease.Listener() {
                @Override
                public void recovered() {
                    onRecovered.run();
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
            nowNanos::get);

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
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
    void itIsRenewedEachThirdOfItsTime() {
        pass(3);
        assertThat(sent).isEmpty();
        pass(1);
        assertThat(sent).hasSize(1);
        answer(TTL);
        pass(3);
        assertThat(sent).hasSize(1);
        pass(1);
        assertThat(sent).hasSize(2);
    }

    @Test
    @DisplayName(
            "P6: a renewal that went to a paused member does not cost the lease: another is sent, elsewhere by its turn")
    void aRenewalThatIsNotAnsweredIsSentAgain() {
        pass(4);
        assertThat(sent).hasSize(1);
        pass(1);
        assertThat(sent).hasSize(1);
        pass(1);
        assertThat(sent).hasSize(2);
        answer(TTL);
        assertThat(lease.left()).isEqualTo(Duration.ofSeconds(TTL));
        pass(3);
        assertThat(sent).as("the second was answered, though the first was not").hasSize(2);
        pass(1);
        assertThat(sent).hasSize(3);
        sent.get(0).complete(new LeaseKeepAliveResult(HEADER, 7, TTL));
        assertThat(lease.left()).as("an older renewal proves less").isEqualTo(Duration.ofSeconds(TTL - 4));
    }

    @Test
    void renewalsAreBounded() {
        pass(11);
        assertThat(sent).hasSize(3);
    }

    @Test
    void timeIsCountedFromBeforeARenewalWasSent() {
        pass(4);
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
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
        int before = sent.size();
        answer(TTL);
        pass(20);
        assertThat(heard).hasSize(2);
        assertThat(sent).hasSize(before);
        assertThat(lease.state()).isEqualTo(KeptLease.State.LOST);
    }

    @Test
    @DisplayName("what is lost here is revoked there: others need not wait for a lock that nobody has")
    void aLeaseThatWasNotRenewedInTimeIsRevoked() {
        pass(4);
        fail();
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(TTL));
        lease.look();
        assertThat(sent).as("no renewal of what is lost").hasSize(1);
        assertThat(revoked).containsExactly(7L);
        lease.close();
        assertThat(revoked).as("the first may not have arrived").containsExactly(7L, 7L);
        lease.close();
        assertThat(revoked).hasSize(2);
    }

    @Test
    @DisplayName("P6: after a pause of the process nobody is told that a lease is alive which has run out")
    void stateIsThatOfTheClockAndNotOfTheLastLook() {
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertThat(lease.state()).isEqualTo(KeptLease.State.IN_DANGER);
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertThat(lease.state()).isEqualTo(KeptLease.State.LOST);
        assertThat(lease.left()).isZero();
        assertThat(heard).as("not on the thread that asks").isEmpty();
        lease.look();
        assertThat(heard).containsExactly("in danger, 6 s left", "lost: it was not renewed in time");
        assertThat(sent).isEmpty();
        assertThat(revoked).containsExactly(7L);
    }

    @Test
    void whatWasSaidToBeOverDoesNotComeBack() {
        pass(4);
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(TTL));
        assertThat(lease.left()).isZero();
        answer(TTL);
        assertThat(lease.state()).isEqualTo(KeptLease.State.LOST);
        assertThat(lease.left()).isZero();
    }

    @Test
    @DisplayName("news come one at a time and in their order, though two threads have some, and nothing after the loss")
    void newsAreInOrder() throws Exception {
        pass(4);
        pass(2);
        CountDownLatch isRecovering = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        onRecovered = () -> {
            isRecovering.countDown();
            await(mayGoOn);
        };
        Thread network = new Thread(() -> answer(TTL));
        network.start();
        await(isRecovering);
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(TTL));
        lease.look();
        assertThat(heard).containsExactly("in danger, 6 s left");
        mayGoOn.countDown();
        network.join();
        assertThat(heard).containsExactly("in danger, 6 s left", "recovered", "lost: it was not renewed in time");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("pitfall 67: a listener that throws is told of what follows, and the lease is renewed")
    void aListenerThatThrowsEndsNothing() {
        onRecovered = () -> {
            throw new IllegalStateException("a listener's trouble");
        };
        pass(6);
        answer(TTL);
        pass(4);
        assertThat(sent).hasSize(3);
        pass(12);
        assertThat(heard)
                .containsExactly("in danger, 6 s left", "in danger, 6 s left", "lost: it was not renewed in time");
    }

    @Test
    void aClosedClientLosesIt() {
        lease.clientClosed();
        lease.look();
        assertThat(heard).containsExactly("lost: the client is closed");
        assertThat(lease.state()).isEqualTo(KeptLease.State.LOST);
        lease.close();
        assertThat(revoked).as("there is nobody to ask").isEmpty();
    }

    @Test
    void whatTheServersSayIsGoneIsLost() {
        pass(4);
        answer(0);
        assertThat(heard).containsExactly("lost: the servers say that it is gone");
        lease.close();
        assertThat(revoked).isEmpty();
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
