package io.axolotl.server.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.PutOptions;
import io.axolotl.client.recipes.Claim;
import io.axolotl.client.recipes.ClaimLostException;
import io.axolotl.client.recipes.ConsumerEndedException;
import io.axolotl.client.recipes.FifoQueue;
import io.axolotl.client.recipes.QueueConsumer;
import io.axolotl.server.api.Edge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue on a server: in order, nothing lost, nothing done twice, also when consumers die. */
@Timeout(60)
class FifoQueueTest {
    private final Edge edge = new Edge();
    private final AxolotlClient client = client();
    private final AxolotlClient other = client();
    private final FifoQueue queue = new FifoQueue(client, Bytes.of("work"));
    private final FifoQueue same = new FifoQueue(other, Bytes.of("work"));

    private AxolotlClient client() {
        return AxolotlClient.builder()
                .endpoints("http://127.0.0.1:" + edge.address.getPort())
                .requestTimeout(Duration.ofSeconds(30))
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        other.close();
        edge.close();
    }

    private QueueConsumer consumer(FifoQueue of) {
        return of.consumer(60, KeptLease.Listener.NONE).await();
    }

    private void offer(int count) {
        for (int i = 0; i < count; i++) {
            queue.offer(Bytes.of("item " + i)).await();
        }
    }

    private static List<String> items(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "item " + i).toList();
    }

    @Test
    @DisplayName("what was offered first comes first, also when more are claimed than are looked at at once")
    void itemsComeInOrder() {
        offer(140);
        assertThat(queue.size().await()).isEqualTo(140);
        try (QueueConsumer consumer = consumer(queue)) {
            List<String> taken = new ArrayList<>();
            long before = 0;
            for (int i = 0; i < 140; i++) {
                Claim claim = consumer.take().await();
                assertThat(claim.token()).isGreaterThan(before);
                before = claim.token();
                taken.add(claim.value().utf8());
            }
            assertThat(taken).isEqualTo(items(0, 140));
            assertThat(consumer.poll().await()).isEmpty();
        }
    }

    @Test
    @DisplayName("several consumers share the items: each is done by one of them, and each gets its own in order")
    void nothingIsTakenTwice() throws Exception {
        ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
        List<QueueConsumer> consumers = List.of(consumer(queue), consumer(same), consumer(same));
        List<CompletableFuture<@Nullable Void>> working = consumers.stream()
                .map(consumer -> workUntilStop(consumer, done))
                .toList();
        List<CompletableFuture<@Nullable Void>> producers = List.of(offerAll(queue, "a", 40), offerAll(same, "b", 40));
        for (CompletableFuture<@Nullable Void> producer : producers) {
            producer.get(60, TimeUnit.SECONDS);
        }
        for (int i = 0; i < consumers.size(); i++) {
            queue.offer(Bytes.of("stop")).await();
        }
        for (CompletableFuture<@Nullable Void> one : working) {
            one.get(60, TimeUnit.SECONDS);
        }
        List<String> all = IntStream.range(0, 40)
                .boxed()
                .flatMap(i -> List.of("a" + i, "b" + i).stream())
                .toList();
        assertThat(done).containsExactlyInAnyOrderElementsOf(all);
        assertThat(queue.size().await()).isZero();
        assertThat(client.kv().get(KeyRange.prefix("work/")).await().kvs()).isEmpty();
    }

    private static CompletableFuture<@Nullable Void> offerAll(FifoQueue to, String name, int count) {
        CompletableFuture<@Nullable Void> all = CompletableFuture.completedFuture(null);
        for (int i = 0; i < count; i++) {
            int number = i;
            all = all.thenCompose(before -> to.offer(Bytes.of(name + number))).thenAccept(offered -> {});
        }
        return all;
    }

    private static CompletableFuture<@Nullable Void> workUntilStop(
            QueueConsumer consumer, ConcurrentLinkedQueue<String> done) {
        return consumer.take()
                .thenCompose(claim -> claim.done().thenCompose(ended -> {
                    if (claim.value().utf8().equals("stop")) {
                        return CompletableFuture.completedFuture(null);
                    }
                    done.add(claim.value().utf8());
                    return workUntilStop(consumer, done);
                }));
    }

    @Test
    @DisplayName("LE-3: what a dead consumer had claimed comes back, in its place, and is not the dead one's any more")
    void theItemsOfTheDeadComeBack() {
        offer(3);
        QueueConsumer dying = consumer(queue);
        Claim first = dying.take().await();
        Claim second = dying.take().await();
        try (QueueConsumer next = consumer(same)) {
            Claim third = next.take().await();
            assertThat(third.value().utf8()).isEqualTo("item 2");
            Pending<Claim> waiting = next.take();
            assertThat(first.left()).isPositive();
            client.leases().revoke(dying.lease().id()).await();
            Claim again = waiting.await();
            assertThat(again.value()).isEqualTo(first.value());
            assertThat(again.token()).isGreaterThan(first.token());
            assertThatThrownBy(() -> first.done(Op.put("effect", "late")).await())
                    .isInstanceOf(ClaimLostException.class);
            assertThatThrownBy(() -> second.done().await()).isInstanceOf(ClaimLostException.class);
            assertThat(second.giveBack().await()).isFalse();
            assertThatThrownBy(() -> dying.take().await()).isInstanceOf(ConsumerEndedException.class);
            again.done(Op.put("effect", "done")).await();
            assertThat(client.kv().get("effect").await().kvs().get(0).version()).isEqualTo(1);
            assertThat(next.take().await().value()).isEqualTo(second.value());
        }
        dying.close();
        assertThatThrownBy(() -> dying.poll().await()).isInstanceOf(ConsumerEndedException.class);
    }

    @Test
    void aWaitIsServedByTheNextItemAndOneThatWasGivenUpIsNot() {
        try (QueueConsumer consumer = consumer(queue)) {
            Pending<Claim> givenUp = consumer.take();
            Pending<Claim> waiting = consumer.take();
            assertThat(givenUp.cancel(true)).isTrue();
            offer(1);
            Claim claim = waiting.await();
            assertThat(claim.giveBack().await()).isTrue();
            assertThat(claim.giveBack().await()).isFalse();
            assertThat(consumer.poll().await().orElseThrow().value().utf8()).isEqualTo("item 0");
        }
    }

    @Test
    @DisplayName("a claim of a take that was given up, and whose answer never came, does not keep its item")
    void claimsThatNobodyKnowsOfAreGivenBack() {
        offer(1);
        try (QueueConsumer consumer = consumer(queue)) {
            String item = client.kv()
                    .get(KeyRange.prefix("work/items/"))
                    .await()
                    .kvs()
                    .get(0)
                    .key()
                    .utf8();
            client.kv()
                    .put(
                            Bytes.of(item.replace("items", "claims")),
                            Bytes.of("forgotten"),
                            PutOptions.DEFAULT.withLease(consumer.lease().id()))
                    .await();
            try (QueueConsumer stranger = consumer(same)) {
                assertThat(stranger.poll().await()).as("it may be somebody's").isEmpty();
            }
            assertThat(consumer.poll().await()).isPresent();
        }
    }
}
