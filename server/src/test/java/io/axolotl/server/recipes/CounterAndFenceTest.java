package io.axolotl.server.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.Hold;
import io.axolotl.client.KeptLease;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.recipes.BadCounterException;
import io.axolotl.client.recipes.Counter;
import io.axolotl.client.recipes.Fence;
import io.axolotl.client.recipes.FencedOffException;
import io.axolotl.client.recipes.Guarded;
import io.axolotl.client.recipes.HoldLostException;
import io.axolotl.server.api.Edge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts that many change, and writes that only the newest holder of a lock gets through, on a server. */
@Timeout(60)
class CounterAndFenceTest {
    private static final Bytes KEY = Bytes.of("count");

    private final Edge edge = new Edge();
    private final AxolotlClient client = client();
    private final AxolotlClient other = client();

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

    private String value(String key) {
        return client.kv().get(key).await().kvs().get(0).value().utf8();
    }

    @Test
    @DisplayName("every addition counts once, and each sees another sum, however many add at the same time")
    void additionsAreNeitherLostNorDoubled() {
        Counter one = new Counter(client, KEY);
        Counter two = new Counter(other, KEY);
        List<Pending<Long>> sums = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            sums.add((i % 2 == 0 ? one : two).add(1));
        }
        assertThat(sums.stream().map(Pending::await))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 40).boxed().toList());
        assertThat(two.value().await()).isEqualTo(40);
        assertThat(one.add(-50).await()).isEqualTo(-10);
        assertThat(value("count")).isEqualTo("-10");
    }

    @Test
    void aCounterWhoseKeyWasDeletedBeginsAtZeroAgain() {
        Counter counter = new Counter(client, KEY);
        assertThat(counter.add(5).await()).isEqualTo(5);
        other.kv().delete("count").await();
        assertThat(counter.add(2).await()).isEqualTo(2);
    }

    @Test
    void whatCannotBeCountedIsRefused() {
        Counter counter = new Counter(client, KEY);
        counter.add(Long.MAX_VALUE).await();
        assertThatThrownBy(() -> counter.add(1).await()).isInstanceOf(BadCounterException.class);
        assertThat(counter.value().await()).isEqualTo(Long.MAX_VALUE);
        other.kv().put("count", "7").await();
        assertThat(counter.add(1).await())
                .as("the overflow was of a count that is no more")
                .isEqualTo(8);
        other.kv().put("count", "many").await();
        assertThatThrownBy(() -> counter.add(1).await()).isInstanceOf(BadCounterException.class);
        assertThatThrownBy(() -> counter.value().await()).isInstanceOf(BadCounterException.class);
    }

    @Test
    @DisplayName(
            "LK-1: what is guarded by a hold is applied while it is held, with conditions of its own, and never after")
    void aGuardedWriteEndsWithItsHold() {
        Hold hold = client.coordination()
                .hold(Bytes.of("lock"), 60, KeptLease.Listener.NONE)
                .await();
        Guarded guarded = new Guarded(client, hold);
        assertThat(guarded.commit(client.kv().txn().then(Op.put("k", "1")))
                        .await()
                        .succeeded())
                .isTrue();
        var refusedByItself = guarded.commit(client.kv()
                        .txn()
                        .when(Compare.value("k").equalTo("2"))
                        .then(Op.put("k", "3"))
                        .otherwise(Op.get("k")))
                .await();
        assertThat(refusedByItself.succeeded()).isFalse();
        assertThat(refusedByItself.results()).hasSize(1);
        client.leases().revoke(hold.lease().id()).await();
        assertThatThrownBy(() -> guarded.commit(client.kv().txn().then(Op.put("k", "late")))
                        .await())
                .isInstanceOf(HoldLostException.class);
        assertThat(value("k")).isEqualTo("1");
    }

    @Test
    void aFenceLetsNoOlderTokenThrough() {
        Fence fence = new Fence(client, Bytes.of("fence"));
        Fence elsewhere = new Fence(other, Bytes.of("fence"));
        fence.commit(7, client.kv().txn().then(Op.put("k", "7"))).await();
        fence.commit(7, client.kv().txn().then(Op.put("k", "7 again"))).await();
        elsewhere.commit(12, other.kv().txn().then(Op.put("k", "12"))).await();
        assertThatThrownBy(() -> fence.commit(7, client.kv().txn().then(Op.put("k", "late")))
                        .await())
                .isInstanceOfSatisfying(
                        FencedOffException.class, e -> assertThat(e.highest()).isEqualTo(12));
        assertThat(value("k")).isEqualTo("12");
        assertThat(value("fence")).isEqualTo("12");
    }
}
