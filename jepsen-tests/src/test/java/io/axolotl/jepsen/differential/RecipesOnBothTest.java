package io.axolotl.jepsen.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Hold;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.recipes.Barrier;
import io.axolotl.client.recipes.CachedView;
import io.axolotl.client.recipes.CachedViewOptions;
import io.axolotl.client.recipes.Claim;
import io.axolotl.client.recipes.ClaimLostException;
import io.axolotl.client.recipes.Counter;
import io.axolotl.client.recipes.DoubleBarrier;
import io.axolotl.client.recipes.FifoQueue;
import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.FileStoreOptions;
import io.axolotl.client.recipes.Guarded;
import io.axolotl.client.recipes.HoldLostException;
import io.axolotl.client.recipes.QueueConsumer;
import io.axolotl.client.recipes.StoredFile;
import io.axolotl.client.recipes.Upload;
import io.axolotl.client.recipes.WriteMode;
import io.axolotl.jepsen.process.Target;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the client builds of keys does the same on etcd, which has no sessions, as on Axolotl. */
@ExtendWith(BothServers.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RecipesOnBothTest {
    private static AxolotlClient client(TwoServers servers, Target target) {
        assumeTrue(target.isInstalled());
        return AxolotlClient.builder()
                .endpoints(servers.clientUrl(target))
                .requestTimeout(Duration.ofSeconds(30))
                .build();
    }

    @ParameterizedTest
    @EnumSource(names = {"ETCD", "AXOLOTL"})
    @DisplayName("a counter, a queue with a consumer that dies, barriers, and a write under a lock")
    void whatIsBuiltOfKeysWorksOnBoth(Target target, TwoServers servers) {
        try (AxolotlClient client = client(servers, target)) {
            Counter counter = new Counter(client, Bytes.of("r/count"));
            Pending<Long> one = counter.add(1);
            Pending<Long> two = counter.add(2);
            assertThat(Math.max(one.await(), two.await())).isEqualTo(3);

            FifoQueue queue = new FifoQueue(client, Bytes.of("r/queue"));
            queue.offer(Bytes.of("first")).await();
            queue.offer(Bytes.of("second")).await();
            QueueConsumer dying = queue.consumer(60, KeptLease.Listener.NONE).await();
            QueueConsumer next = queue.consumer(60, KeptLease.Listener.NONE).await();
            Claim lost = dying.take().await();
            assertThat(next.take().await().value().utf8()).isEqualTo("second");
            Pending<Claim> waiting = next.take();
            client.leases().revoke(dying.lease().id()).await();
            waiting.await().done(Op.put("r/done", lost.value().utf8())).await();
            assertThatThrownBy(() -> lost.done().await()).isInstanceOf(ClaimLostException.class);
            next.close();

            Barrier barrier = new Barrier(client, Bytes.of("r/barrier"));
            assertThat(barrier.raise().await()).isTrue();
            Pending<Long> passing = barrier.pass();
            assertThat(barrier.lower().await()).isTrue();
            passing.await();

            DoubleBarrier together = new DoubleBarrier(client, Bytes.of("r/together"), 2);
            Pending<DoubleBarrier.Round> first = together.enter(60, KeptLease.Listener.NONE);
            DoubleBarrier.Round second =
                    together.enter(60, KeptLease.Listener.NONE).await();
            Pending<Long> leaving = first.await().leave();
            second.leave().await();
            leaving.await();

            Hold hold = client.coordination()
                    .hold(Bytes.of("r/lock"), 60, KeptLease.Listener.NONE)
                    .await();
            Guarded guarded = new Guarded(client, hold);
            guarded.commit(client.kv().txn().then(Op.put("r/guarded", "1"))).await();
            client.leases().revoke(hold.lease().id()).await();
            assertThatThrownBy(() -> guarded.commit(client.kv().txn().then(Op.put("r/guarded", "2")))
                            .await())
                    .isInstanceOf(HoldLostException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ETCD", "AXOLOTL"})
    @DisplayName("a view that is proven fresh, though one of the two may tell progress ahead of events")
    void aViewIsProvenFreshOnBoth(Target target, TwoServers servers) {
        try (AxolotlClient client = client(servers, target)) {
            client.kv().put("v/a", "1").await();
            client.kv().put("v/b", "2").await();
            try (CachedView view = CachedView.open(client, Bytes.of("v/"), CachedViewOptions.DEFAULT)
                    .await()) {
                long deleted = client.kv().delete("v/b").await().header().revision();
                view.atLeast(deleted).await();
                assertThat(view.get(Bytes.of("v/b"))).isEmpty();
                long elsewhere = client.kv().put("w", "3").await().header().revision();
                assertThat(view.atLeast(elsewhere).await().revision()).isGreaterThanOrEqualTo(elsewhere);
                assertThat(view.get(Bytes.of("v/a"))).isPresent();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ETCD", "AXOLOTL"})
    @DisplayName("a file of several requests is uploaded, read as a stream while it is replaced, and collected")
    void filesWorkOnBoth(Target target, TwoServers servers) throws Exception {
        try (AxolotlClient client = client(servers, target)) {
            FileStore store = new FileStore(
                    client,
                    Bytes.of("f"),
                    FileStoreOptions.DEFAULT.withChunkBytes(64 << 10).withWholeBytes(128 << 10));
            byte[] whole = new byte[3_000_000];
            new Random(1).nextBytes(whole);
            try (Upload upload = store.upload("large", WriteMode.CREATE).await()) {
                for (int from = 0; from < whole.length; from += 500_000) {
                    upload.write(Bytes.copyOf(whole, from, 500_000)).await();
                }
                upload.commit().await();
            }
            store.append("large", Bytes.of("more")).await();
            StoredFile file = store.open("large").await();
            try (InputStream stream = file.stream()) {
                assertThat(stream.readNBytes(1_000_000)).isEqualTo(Arrays.copyOf(whole, 1_000_000));
                store.write("large", Bytes.of("small")).await();
                assertThat(stream.readAllBytes())
                        .hasSize(2_000_004)
                        .endsWith(Bytes.of("more").toByteArray());
            }
            store.rename("large", "small").await();
            assertThat(store.read("small", 0, 100).await().utf8()).isEqualTo("small");
            store.delete("small").await();
            while (!client.kv().get(KeyRange.prefix("f/")).await().kvs().isEmpty()) {
                store.collect().await();
            }
        }
    }
}
