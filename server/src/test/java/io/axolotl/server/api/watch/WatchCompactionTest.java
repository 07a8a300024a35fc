package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.everything;
import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.putOf;
import static io.axolotl.server.api.watch.WatchBench.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.api.FakeNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Watches and the history that goes away (WA-4, A6). */
class WatchCompactionTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    @DisplayName("WA-4: a start below the floor is cancelled, also by a member whose tail has not come there yet")
    void aCompactedStartBeyondTheTailIsCancelled() {
        client.create(key("other"));
        client.sent();
        bench.puts(10);
        bench.compact(9);
        client.create(everything().setStartRevision(5));

        List<WatchResponse> sent = client.sent();

        assertThat(sent).hasSize(2);
        assertThat(sent.get(0).getCreated()).isTrue();
        assertThat(sent.get(1).getCanceled()).isTrue();
        assertThat(sent.get(1).getCompactRevision()).isEqualTo(9);
    }

    @Test
    @DisplayName("WA-4: a start below the floor is created, then cancelled with the floor, without revision and reason")
    void aCompactedStartHasItsShape() {
        bench.puts(5);
        bench.compact(4);
        client.create(key("k").setStartRevision(3));

        List<WatchResponse> sent = client.sent();

        assertThat(sent).hasSize(2);
        assertThat(sent.get(0).getCreated()).isTrue();
        assertThat(sent.get(0).getCanceled()).isFalse();
        assertThat(sent.get(0).getHeader().getRevision()).isEqualTo(6);
        assertThat(sent.get(1).getCanceled()).isTrue();
        assertThat(sent.get(1).getCreated()).isFalse();
        assertThat(sent.get(1).getCompactRevision()).isEqualTo(4);
        assertThat(sent.get(1).getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
        assertThat(sent.get(1).getHeader().getRevision()).isZero();
        assertThat(sent.get(1).getCancelReason()).isEmpty();
    }

    @Test
    @DisplayName("WA-4, CP-2, A6: a start at the floor itself still gets what happened there, deletes too (etcd#19179)")
    void theFloorItselfCanStillBeWatched() {
        bench.put("k", "2");
        bench.delete("k");
        bench.put("other", "4");
        bench.compact(3);
        bench.node.removeHistory();
        client.create(everything().setStartRevision(3));

        assertThat(texts(client.sent())).containsExactly("DELETE k@3", "PUT other@4");
    }

    @Test
    @DisplayName("A6 (etcd#18089): what is compacted before the watch thread has looked is still told to who keeps up")
    void theTailIsNotCompactedAway() {
        client.create(everything().setPrevKv(true));
        client.sent();
        bench.put("k", "2");
        bench.delete("k");
        bench.put("k", "4");
        bench.delete("k");
        bench.compact(5);
        bench.node.removeHistory();

        assertThat(texts(client.sent())).containsExactly("PUT k@2", "DELETE k@3", "PUT k@4", "DELETE k@5");
        assertThat(bench.node.follower.neededFrom()).isEqualTo(6);
    }

    @Test
    @DisplayName(
            "A6: who keeps up and is put off since a revision is too large for all at once still gets it when it is compacted")
    void whoIsPutOffLosesNothing() {
        WatchLimits tight = WatchBench.limits(1_000, 64 << 10, 10_000, 1 << 20);
        try (WatchBench many = new WatchBench(tight)) {
            List<WatchBench.Client> clients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                clients.add(many.client());
                clients.get(i).create(everything());
            }
            many.settle();
            clients.forEach(one -> one.output.takeSent());
            many.txn(putOf("a", "1"), putOf("b", "2"), putOf("c", "3"), putOf("d", "4"));
            many.put("after", "v");
            many.hub.runOnce();
            assertThat(clients).anyMatch(one -> one.output.events(0).isEmpty());
            many.compact(3);
            many.node.removeHistory();

            many.settle();

            assertThat(clients)
                    .allSatisfy(one -> assertThat(texts(one.output.takeSent()))
                            .containsExactly("PUT a@2", "PUT b@2", "PUT c@2", "PUT d@2", "PUT after@3"));
            assertThat(many.node.follower.neededFrom())
                    .as("nobody is put off any more")
                    .isEqualTo(4);
        }
    }

    @Test
    @DisplayName("A6: history is held back for those that keep up only, and only until they have it")
    void historyIsNotHeldForEver() {
        assertThat(bench.node.follower.neededFrom()).isEqualTo(Long.MAX_VALUE);
        client.create(everything());
        client.sent();
        assertThat(bench.node.follower.neededFrom()).isEqualTo(2);
        client.hasRoomFor(0);
        bench.puts(10);
        bench.settle();
        assertThat(bench.node.follower.neededFrom())
                .as("a slow client cannot hold up compaction")
                .isEqualTo(Long.MAX_VALUE);
    }
}
