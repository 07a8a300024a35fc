package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.WatchResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How far a watch is, when it has nothing else to be told (WA-9). */
class WatchProgressTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    @DisplayName("WA-9 b: a progress request is answered with id -1 and the current revision when all are synced")
    void aProgressRequestIsAnswered() {
        bench.puts(3);
        client.create(key("a"));
        client.create(key("b").setStartRevision(2));
        client.sent();
        client.askProgress();

        assertThat(client.sent()).singleElement().satisfies(bookmark -> {
            assertThat(bookmark.getWatchId()).isEqualTo(-1);
            assertThat(bookmark.getHeader().getRevision()).isEqualTo(4);
            assertThat(bookmark.getEventsList()).isEmpty();
            assertThat(bookmark.getCanceled()).isFalse();
        });
    }

    @Test
    @DisplayName("WA-9 b: a stream without watchers gets no bookmark")
    void withoutWatchersThereIsNoBookmark() {
        client.askProgress();
        assertThat(client.sent()).isEmpty();
    }

    @Test
    @DisplayName("WA-9 b: a watcher that starts in the future must not be told an earlier revision")
    void noBookmarkBeforeTheStart() {
        client.create(key("k").setStartRevision(10));
        client.sent();
        client.askProgress();

        assertThat(client.sent()).isEmpty();
    }

    @Test
    @DisplayName("WA-9 c, A8, G-11 (etcd#15220): no bookmark while one watcher of the stream still has events to get")
    void aBookmarkNeverOvertakesEvents() {
        client.create(key("k"));
        client.create(key("quiet"));
        client.sent();
        client.hasRoomFor(0);
        bench.put("k", "v");
        bench.settle();
        client.askProgress();
        assertThat(client.sent()).isEmpty();

        client.hasRoomFor(Integer.MAX_VALUE);
        bench.settle();
        client.askProgress();

        List<WatchResponse> sent = client.sent();
        assertThat(texts(sent.subList(0, 1))).containsExactly("PUT k@2");
        assertThat(sent.get(1).getWatchId()).isEqualTo(-1);
        assertThat(sent.get(1).getHeader().getRevision()).isEqualTo(2);
    }

    @Test
    @DisplayName("WA-9 a: who asked for it and hears nothing is told how far it is, once per interval")
    void quietWatchersGetBookmarks() {
        client.create(key("k").setProgressNotify(true));
        client.create(key("k"));
        bench.put("other", "v");
        client.sent();
        bench.pass(Duration.ofSeconds(11));

        assertThat(client.sent()).singleElement().satisfies(bookmark -> {
            assertThat(bookmark.getWatchId()).isZero();
            assertThat(bookmark.getHeader().getRevision()).isEqualTo(2);
            assertThat(bookmark.getEventsList()).isEmpty();
        });
        assertThat(client.sent()).isEmpty();

        bench.put("k", "v");
        client.sent();
        bench.pass(Duration.ofSeconds(11));
        assertThat(client.sent())
                .as("it has heard of something in this interval")
                .isEmpty();
        bench.pass(Duration.ofSeconds(11));
        assertThat(client.sent()).hasSize(1);
    }

    @Test
    @DisplayName("WA-9 a, A8: one that is behind gets no bookmark")
    void slowWatchersGetNoBookmark() {
        client.create(key("k").setProgressNotify(true));
        client.sent();
        client.hasRoomFor(0);
        bench.put("k", "v");
        bench.settle();
        bench.pass(Duration.ofSeconds(30));

        assertThat(client.sent()).isEmpty();
    }
}
