package io.axolotl.server.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeptLease;
import io.axolotl.client.Pending;
import io.axolotl.client.recipes.Barrier;
import io.axolotl.client.recipes.DoubleBarrier;
import io.axolotl.server.api.Edge;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Those who wait for a key to go, and those who begin and end together, on a server. */
@Timeout(60)
class BarrierTest {
    private final Edge edge = new Edge();
    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints("http://127.0.0.1:" + edge.address.getPort())
            .requestTimeout(Duration.ofSeconds(30))
            .build();

    @AfterEach
    void close() {
        client.close();
        edge.close();
    }

    private DoubleBarrier ofThree() {
        return new DoubleBarrier(client, Bytes.of("together"), 3);
    }

    private Pending<DoubleBarrier.Round> enter() {
        return ofThree().enter(60, KeptLease.Listener.NONE);
    }

    @Test
    void allPassOnceItIsLowered() {
        Barrier barrier = new Barrier(client, Bytes.of("barrier"));
        barrier.pass().await();
        assertThat(barrier.raise().await()).isTrue();
        assertThat(barrier.raise().await()).isFalse();
        List<Pending<Long>> waiting = List.of(barrier.pass(), barrier.pass(), barrier.pass());
        Pending<Long> impatient = barrier.pass();
        assertThat(client.kv().get("barrier").await().kvs()).hasSize(1);
        assertThat(waiting).noneMatch(Pending::isDone);
        assertThat(impatient.cancel(true)).isTrue();
        assertThat(barrier.lower().await()).isTrue();
        waiting.forEach(Pending::await);
        assertThat(barrier.lower().await()).isFalse();
    }

    @Test
    @DisplayName("nobody begins before all have come, nobody begins again before all have left, round after round")
    void roundsDoNotMix() throws Exception {
        ConcurrentLinkedQueue<String> story = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Long>> parties =
                Stream.generate(() -> rounds(3, story)).limit(3).toList();
        Set<Long> last = new HashSet<>();
        for (CompletableFuture<Long> party : parties) {
            last.add(party.get(60, TimeUnit.SECONDS));
        }
        assertThat(last).as("all were in the same last round").hasSize(1);
        assertThat(story)
                .containsExactly(
                        "in 3", "in 3", "in 3", "out 3", "out 3", "out 3", "in 2", "in 2", "in 2", "out 2", "out 2",
                        "out 2", "in 1", "in 1", "in 1", "out 1", "out 1", "out 1");
    }

    /** What is told lies between the end of an entrance and the beginning of a leave: the barrier alone keeps it in order. */
    private CompletableFuture<Long> rounds(int left, ConcurrentLinkedQueue<String> story) {
        return enter().thenCompose(round -> {
            story.add("in " + left);
            return ofThreeAgree(round, left, story);
        });
    }

    private CompletableFuture<Long> ofThreeAgree(
            DoubleBarrier.Round round, int left, ConcurrentLinkedQueue<String> story) {
        return round.leave().thenCompose(revision -> {
            story.add("out " + left);
            return left == 1 ? CompletableFuture.completedFuture(round.number()) : rounds(left - 1, story);
        });
    }

    @Test
    void whoDiesBeforeTheBeginningIsReplacedAndWhoIsOneTooManyWaits() {
        Pending<DoubleBarrier.Round> first = enter();
        Pending<DoubleBarrier.Round> dying = enter();
        while (client.leases().list().await().ids().size() < 2) {
            Thread.onSpinWait();
        }
        assertThat(dying.cancel(true)).isTrue();
        while (client.leases().list().await().ids().size() > 1) {
            Thread.onSpinWait();
        }
        Pending<DoubleBarrier.Round> second = enter();
        DoubleBarrier.Round third = enter().await();
        assertThat(first.await().number()).isEqualTo(third.number());
        assertThat(second.await().number()).isEqualTo(third.number());
        Pending<DoubleBarrier.Round> tooMany = enter();
        List<Pending<Long>> leaving =
                List.of(first.await().leave(), second.await().leave());
        assertThat(client.kv().get("together/ready").await().kvs()).hasSize(1);
        assertThat(tooMany).isNotDone();
        third.leave().await();
        leaving.forEach(Pending::await);
        Pending<DoubleBarrier.Round> fourth = enter();
        assertThat(enter().await().number()).isGreaterThan(third.number());
        assertThat(fourth.await().number()).isEqualTo(tooMany.await().number());
    }
}
