package io.axolotl.server.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.recipes.FileDamagedException;
import io.axolotl.client.recipes.FileExistsException;
import io.axolotl.client.recipes.FileInfo;
import io.axolotl.client.recipes.FileMissingException;
import io.axolotl.client.recipes.FilePage;
import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.FileStoreOptions;
import io.axolotl.client.recipes.FileVersionGoneException;
import io.axolotl.client.recipes.StoredFile;
import io.axolotl.client.recipes.Upload;
import io.axolotl.client.recipes.UploadLostException;
import io.axolotl.client.recipes.WriteMode;
import io.axolotl.server.api.Edge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files in the keys of a server: whole or not there, for everybody. */
@Timeout(60)
class FileStoreTest {
    private static final FileStoreOptions SMALL =
            FileStoreOptions.DEFAULT.withChunkBytes(1 << 10).withWholeBytes(4 << 10);

    private final Edge edge = new Edge();
    private final AxolotlClient client = client();
    private final AxolotlClient other = client();
    private final FileStore store = new FileStore(client, Bytes.of("fs"), SMALL);
    private final FileStore same = new FileStore(other, Bytes.of("fs"), SMALL);

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

    private static byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }

    private byte[] read(String name) {
        return store.read(name, 0, Integer.MAX_VALUE).await().toByteArray();
    }

    private long keys(String prefix) {
        return client.kv()
                .get(KeyRange.prefix("fs/" + prefix), GetOptions.DEFAULT.withCountOnly(true))
                .await()
                .count();
    }

    private void awaitCollected() {
        while (keys("x/") != 0) {
            store.collect().await();
        }
    }

    private void compact() {
        client.kv()
                .compact(client.kv().put("other", "v").await().header().revision())
                .await();
    }

    @Test
    @DisplayName("a large file comes in pieces, is read in ranges and as a stream, and leaves nothing behind")
    void aLargeFileRoundTrips() throws IOException {
        byte[] whole = content(100_003);
        Upload upload = store.upload("large", WriteMode.CREATE).await();
        for (int from = 0; from < whole.length; from += 7_001) {
            upload.write(Bytes.copyOf(whole, from, Math.min(7_001, whole.length - from)))
                    .await();
        }
        assertThatThrownBy(() -> store.open("large").await()).isInstanceOf(FileMissingException.class);
        FileInfo info = upload.commit().await();
        assertThat(info.bytes()).isEqualTo(whole.length);
        assertThat(read("large")).isEqualTo(whole);
        StoredFile file = same.open("large").await();
        assertThat(file.info()).isEqualTo(info);
        try (InputStream stream = file.stream()) {
            assertThat(stream.readAllBytes()).isEqualTo(whole);
        }
        assertThat(file.read(1_000, 2_100).await()).isEqualTo(Bytes.copyOf(whole, 1_000, 2_100));
        assertThat(file.read(100_000, 50).await().size()).isEqualTo(3);
        assertThat(file.read(200_000, 50).await().size()).isZero();
        assertThatThrownBy(() -> upload.write(Bytes.EMPTY)).isInstanceOf(IllegalStateException.class);
        assertThat(keys("d/")).isEqualTo(98);
        assertThat(keys("x/") + keys("l/")).isZero();
        store.delete("large").await();
        awaitCollected();
        assertThat(keys("")).isZero();
    }

    @Test
    void aSubscriberGetsTheChunksThatItAsksForAndTheEndByItself() throws Exception {
        byte[] whole = content(3_500);
        store.write("f", Bytes.copyOf(whole)).await();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        CompletableFuture<Integer> chunks = new CompletableFuture<>();
        store.open("f").await().chunks().subscribe(new Flow.Subscriber<>() {
            private Flow.@Nullable Subscription subscription;
            private int count;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                given.request(1);
            }

            @Override
            public void onNext(Bytes chunk) {
                count++;
                got.writeBytes(chunk.toByteArray());
                if (count < 4) {
                    Objects.requireNonNull(subscription).request(1);
                }
            }

            @Override
            public void onError(Throwable failure) {
                chunks.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                chunks.complete(count);
            }
        });
        assertThat(chunks.get(60, TimeUnit.SECONDS)).isEqualTo(4);
        assertThat(got.toByteArray()).isEqualTo(whole);
    }

    @Test
    void namesAreCreatedOnceRenamedListedAndDeleted() {
        store.create("b/1", Bytes.of("one")).await();
        assertThatThrownBy(() -> store.create("b/1", Bytes.of("two")).await()).isInstanceOf(FileExistsException.class);
        assertThatThrownBy(
                        () -> store.create("b/1", Bytes.copyOf(content(9_000))).await())
                .isInstanceOf(FileExistsException.class);
        assertThatThrownBy(() -> store.append("none", Bytes.of("x")).await()).isInstanceOf(FileMissingException.class);
        assertThatThrownBy(
                        () -> store.append("none", Bytes.copyOf(content(9_000))).await())
                .isInstanceOf(FileMissingException.class);
        assertThatThrownBy(() -> store.delete("none").await()).isInstanceOf(FileMissingException.class);
        assertThatThrownBy(() -> store.rename("none", "more").await()).isInstanceOf(FileMissingException.class);
        assertThatThrownBy(() -> store.create("", Bytes.EMPTY)).isInstanceOf(IllegalArgumentException.class);
        store.create("b/2", Bytes.EMPTY).await();
        store.create("a", Bytes.of("a")).await();
        assertThatThrownBy(() -> store.rename("a", "b/2").await()).isInstanceOf(FileExistsException.class);
        assertThat(store.rename("a", "b/3").await().bytes()).isEqualTo(1);
        FilePage first = store.list("b/", "", 2).await();
        assertThat(first.files().stream().map(FileInfo::name)).containsExactly("b/1", "b/2");
        assertThat(first.more()).isTrue();
        FilePage rest = store.list("b/", "b/2", 2).await();
        assertThat(rest.files().stream().map(FileInfo::name)).containsExactly("b/3");
        assertThat(rest.more()).isFalse();
        assertThat(store.list("", "a", 10).await().files()).hasSize(3);
        assertThat(read("b/2")).isEmpty();
        assertThat(store.delete("b/3").await().bytes()).isEqualTo(1);
        assertThat(store.list("b/3", "", 10).await().files()).isEmpty();
        awaitCollected();
        assertThat(keys("d/")).as("the chunk of b/1").isEqualTo(1);
    }

    @Test
    @DisplayName("an open file stays the version that it was while it is appended to, replaced, deleted and collected")
    void aReaderKeepsItsVersion() throws IOException {
        byte[] old = content(9_500);
        store.write("f", Bytes.copyOf(old)).await();
        StoredFile before = same.open("f").await();
        store.append("f", Bytes.of("more")).await();
        compact();
        try (InputStream stream = before.stream()) {
            assertThat(stream.readAllBytes())
                    .as("what is only appended to can be read on after a compaction")
                    .isEqualTo(old);
        }
        StoredFile longer = same.open("f").await();
        store.write("f", Bytes.of("new")).await();
        awaitCollected();
        assertThat(keys("d/")).isEqualTo(1);
        assertThat(longer.read(9_400, 200).await())
                .isEqualTo(Bytes.copyOf(old, 9_400, 100).plus("more"));
        assertThat(read("f")).isEqualTo("new".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName(
            "CP-2: a version that was replaced, collected and compacted is gone in so many words, also in the middle of a stream")
    void aForgottenVersionIsGone() throws IOException {
        byte[] old = content(20_000);
        store.write("f", Bytes.copyOf(old)).await();
        StoredFile before = same.open("f").await();
        try (InputStream stream = before.stream()) {
            assertThat(stream.readNBytes(1_024)).hasSize(1_024);
            store.write("f", Bytes.of("new")).await();
            awaitCollected();
            compact();
            assertThatThrownBy(stream::readAllBytes).hasCauseInstanceOf(FileVersionGoneException.class);
        }
        assertThatThrownBy(() -> before.read(0, 10).await()).isInstanceOf(FileVersionGoneException.class);
    }

    @Test
    @DisplayName("an upload whose lease has ended writes nothing more, becomes no file, and is collected")
    void anAbandonedUploadIsCollected() {
        store.write("f", Bytes.of("old")).await();
        Upload upload = store.upload("f", WriteMode.REPLACE).await();
        upload.write(Bytes.copyOf(content(10_000))).await();
        assertThat(same.collect().await()).as("it is alive").isZero();
        assertThat(keys("d/")).isGreaterThan(5);
        client.leases().revoke(upload.lease().id()).await();
        assertThat(same.collect().await()).isEqualTo(1);
        assertThat(keys("d/")).isEqualTo(1);
        assertThatThrownBy(() -> upload.commit().await()).isInstanceOf(UploadLostException.class);
        assertThat(keys("d/")).as("nothing came after").isEqualTo(1);
        assertThat(read("f")).hasSize(3);
        Upload closed = store.upload("f", WriteMode.REPLACE).await();
        closed.write(Bytes.copyOf(content(5_000))).await();
        closed.close();
        awaitCollected();
        assertThat(keys("d/")).isEqualTo(1);
    }

    @Test
    @DisplayName("of several who append at the same time each comes whole, in its own order, once")
    void appendersTakeTurns() throws Exception {
        FileStore coarse =
                new FileStore(other, Bytes.of("fs"), SMALL.withChunkBytes(64).withWholeBytes(0));
        store.create("log", Bytes.EMPTY).await();
        List<CompletableFuture<@Nullable Void>> writers =
                List.of(appendAll(store, "a", 12), appendAll(same, "b", 12), appendAll(coarse, "c", 6));
        for (CompletableFuture<@Nullable Void> writer : writers) {
            writer.get(60, TimeUnit.SECONDS);
        }
        String text = new String(read("log"), StandardCharsets.UTF_8);
        for (String name : List.of("a", "b", "c")) {
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < (name.equals("c") ? 6 : 12); i++) {
                expected.append(entry(name, i));
            }
            assertThat(text.replaceAll("<(?!" + name + ")[^>]*>", "")).isEqualTo(expected.toString());
        }
    }

    private static String entry(String name, int number) {
        return "<" + name + number + " " + "x".repeat(100) + ">";
    }

    private static CompletableFuture<@Nullable Void> appendAll(FileStore to, String name, int count) {
        CompletableFuture<@Nullable Void> all = CompletableFuture.completedFuture(null);
        for (int i = 0; i < count; i++) {
            Bytes entry = Bytes.of(entry(name, i));
            all = all.thenCompose(before -> to.append("log", entry)).thenAccept(info -> {});
        }
        return all;
    }

    @Test
    @DisplayName("readers see the old file or the new one, never a part of a change")
    void noReaderSeesAHalf() {
        byte[] zeros = new byte[6_000];
        byte[] ones = content(9_000);
        Arrays.fill(ones, (byte) 1);
        store.write("f", Bytes.copyOf(zeros)).await();
        List<CompletableFuture<FileInfo>> changes = new ArrayList<>();
        CompletableFuture<FileInfo> last = CompletableFuture.completedFuture(new FileInfo("f", 0, 0));
        for (int i = 0; i < 12; i++) {
            Bytes next = Bytes.copyOf(i % 2 == 0 ? ones : zeros);
            last = last.thenCompose(before -> store.write("f", next));
            changes.add(last);
        }
        int reads = 0;
        while (!last.isDone() || reads < 3) {
            assertThat(same.read("f", 0, 20_000).await().toByteArray()).isIn(zeros, ones);
            reads++;
        }
        assertThat(changes).allMatch(change -> !change.isCompletedExceptionally());
        awaitCollected();
        assertThat(keys("d/")).isEqualTo(6);
    }

    @Test
    @DisplayName("what was damaged, exchanged or removed below the store is told, and never read as content")
    void damageIsTold() {
        store.write("f", Bytes.copyOf(content(3_000))).await();
        List<KeyValue> chunks =
                client.kv().get(KeyRange.prefix("fs/d/")).await().kvs();
        assertThat(chunks).hasSize(3);
        byte[] bent = chunks.get(1).value().toByteArray();
        bent[500] ^= 1;
        client.kv().put(chunks.get(1).key(), Bytes.copyOf(bent)).await();
        assertThat(store.read("f", 0, 1_000).await().size()).isEqualTo(1_000);
        assertThatThrownBy(() -> read("f")).isInstanceOf(FileDamagedException.class);
        client.kv().put(chunks.get(1).key(), chunks.get(0).value()).await();
        assertThatThrownBy(() -> read("f")).isInstanceOf(FileDamagedException.class);
        client.kv().delete(KeyRange.single(chunks.get(1).key())).await();
        assertThatThrownBy(() -> read("f")).isInstanceOf(FileDamagedException.class);
        client.kv().put("fs/n/f", "no inode").await();
        assertThatThrownBy(() -> store.open("f").await()).isInstanceOf(FileDamagedException.class);
        assertThatThrownBy(() -> store.append("f", Bytes.of("x")).await()).isInstanceOf(FileDamagedException.class);
    }
}
