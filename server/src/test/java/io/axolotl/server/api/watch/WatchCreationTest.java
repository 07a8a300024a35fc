package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.everything;
import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.range;
import static io.axolotl.server.api.watch.WatchBench.revisions;
import static io.axolotl.server.api.watch.WatchBench.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a watch begins: what its answer says, what is refused, and in which order (WA-1 to WA-3, WA-15). */
class WatchCreationTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    @DisplayName("WA-1, WA-3: created comes first, its header at the revision above which the first event lies")
    void aNewWatcherIsToldSoBeforeItsFirstEvent() {
        bench.put("k", "before");
        client.create(key("k"));
        bench.put("k", "pending when the request is handled");
        List<WatchResponse> created = client.sent();
        bench.put("k", "after");

        assertThat(created).hasSize(1);
        assertThat(created.get(0).getCreated()).isTrue();
        assertThat(created.get(0).getWatchId()).isZero();
        assertThat(created.get(0).getHeader().getRevision()).isEqualTo(3);
        assertThat(texts(client.sent())).containsExactly("PUT k@4");
    }

    @Test
    @DisplayName("WA-1: an empty key is the 0 byte; with an end of one 0 byte that is everything")
    void anEmptyKeyIsTheFirstKey() {
        client.create(everything());
        client.create(WatchCreateRequest.newBuilder());
        client.sent();
        bench.put("k", "v");

        assertThat(client.sent())
                .filteredOn(response -> response.getEventsCount() > 0)
                .extracting(WatchResponse::getWatchId)
                .containsExactly(0L);
    }

    @Test
    @DisplayName("WA-2: ids count up from 0 past those that are taken; a taken one is refused inside of the stream")
    void idsAreFreeOnes() {
        client.create(key("k").setWatchId(1));
        client.create(key("k"));
        client.create(key("k"));
        client.create(key("k").setWatchId(2));

        List<WatchResponse> answers = client.sent();

        assertThat(answers).extracting(WatchResponse::getWatchId).containsExactly(1L, 0L, 2L, -1L);
        WatchResponse refused = answers.get(3);
        assertThat(refused.getCreated()).isTrue();
        assertThat(refused.getCanceled()).isTrue();
        assertThat(refused.getCancelReason()).isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
    }

    @Test
    @DisplayName("WA-2: an end at or before the key is refused inside of the stream")
    void anEmptyRangeIsRefused() {
        client.create(range("b", "b"));
        client.create(range("b", "a"));

        assertThat(client.sent()).hasSize(2).allSatisfy(refused -> {
            assertThat(refused.getWatchId()).isEqualTo(-1);
            assertThat(refused.getCreated()).isTrue();
            assertThat(refused.getCanceled()).isTrue();
            assertThat(refused.getCancelReason()).isEqualTo("mvcc: watcher range is empty");
        });
    }

    @Test
    @DisplayName("WA-3: a negative start revision is refused as compacted, inside of the stream")
    void aNegativeStartIsRefused() {
        client.create(key("k").setStartRevision(-1));

        assertThat(client.sent()).singleElement().satisfies(refused -> {
            assertThat(refused.getWatchId()).isEqualTo(-1);
            assertThat(refused.getCreated()).isTrue();
            assertThat(refused.getCanceled()).isTrue();
            assertThat(refused.getCancelReason()).isEqualTo("mvcc: required revision has been compacted");
        });
    }

    @Test
    @DisplayName("WA-3, A7 (etcd#20221): a start revision that has not come is waited for, and nothing earlier is sent")
    void aFutureStartIsWaitedFor() {
        client.create(key("k").setStartRevision(4));
        bench.put("k", "2");
        bench.put("k", "3");
        assertThat(client.revisions()).isEmpty();

        bench.put("k", "4");
        bench.put("k", "5");

        assertThat(client.revisions()).containsExactly(4L, 5L);
    }

    @Test
    @DisplayName("WA-15: created answers come in the order of the requests, each request allows another")
    void answersComeInOrder() {
        for (int i = 0; i < 40; i++) {
            client.create(key("k" + i));
        }

        assertThat(client.sent()).extracting(WatchResponse::getWatchId).isEqualTo(revisions(0, 39));
        assertThat(client.output.requested).isEqualTo(40);
    }

    @Test
    @DisplayName("pitfall 62: who does not take the answers may not ask on")
    void aClientThatDoesNotReadMayNotAskOn() {
        bench.settle();
        client.hasRoomFor(0);
        client.create(key("k"));
        client.create(key("k"));
        bench.settle();
        assertThat(client.output.requested).isZero();

        client.hasRoomFor(10);
        bench.settle();

        assertThat(client.output.requested).isEqualTo(2);
    }
}
