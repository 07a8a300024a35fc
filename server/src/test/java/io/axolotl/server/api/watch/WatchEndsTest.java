package io.axolotl.server.api.watch;

import static io.axolotl.server.api.watch.WatchBench.everything;
import static io.axolotl.server.api.watch.WatchBench.key;
import static io.axolotl.server.api.watch.WatchBench.revisions;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.api.FakeNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Snapshots, doubt, repair, a missing leader, the end of a client and of the server. */
class WatchEndsTest {
    private final WatchBench bench = new WatchBench();
    private final WatchBench.Client client = bench.client();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    @DisplayName(
            "A9 (etcd#15271), N2: after a snapshot was installed a watch goes on without replay and without a hole")
    void aSnapshotChangesNothing() {
        client.create(everything());
        client.sent();
        bench.puts(3);
        assertThat(client.revisions()).containsExactly(2L, 3L, 4L);
        bench.node.cutOff();
        bench.puts(3);
        assertThat(client.revisions()).isEmpty();

        bench.node.installSnapshot(true).close();
        bench.puts(1);

        assertThat(client.revisions()).containsExactly(5L, 6L, 7L, 8L);
    }

    @Test
    @DisplayName("A9: a snapshot of a member that has removed what a watch still needs ends it as compacted, once")
    void aSnapshotMayLackWhatIsNeeded() {
        client.create(everything());
        client.create(everything().setStartRevision(100));
        bench.puts(3);
        client.sent();
        bench.node.cutOff();
        bench.puts(10);
        bench.compact(10);
        bench.node.installSnapshot(true).close();

        assertThat(client.sent()).singleElement().satisfies(end -> {
            assertThat(end.getWatchId()).isZero();
            assertThat(end.getCanceled()).isTrue();
            assertThat(end.getCompactRevision()).isEqualTo(10);
        });
        bench.put("k", "v");
        assertThat(client.sent()).isEmpty();
    }

    @Test
    @DisplayName("A9: a slow watch catches up from the store that a snapshot brought")
    void aSlowWatcherReadsTheNewStore() {
        client.create(everything());
        client.sent();
        client.hasRoomFor(0);
        bench.puts(3);
        bench.settle();
        bench.node.cutOff();
        bench.puts(3);
        bench.node.installSnapshot(false).close();
        client.hasRoomFor(Integer.MAX_VALUE);

        assertThat(client.revisions()).isEqualTo(revisions(2, 7));
    }

    @Test
    @DisplayName("I8: while it is in doubt what this member holds, nothing is sent, and streams end when that lasts")
    void nothingIsToldInDoubt() {
        client.create(everything());
        client.sent();
        bench.node.isTrusted = false;
        bench.puts(1);
        client.create(key("k"));
        client.askProgress();
        assertThat(client.sent()).isEmpty();
        assertThat(client.output.end).isNull();

        bench.pass(Duration.ofSeconds(2));
        bench.settle();

        assertThat(client.output.end).isEqualTo(StreamEnd.IN_DOUBT);
        assertThat(client.sent()).isEmpty();
    }

    @Test
    @DisplayName("I8: a member that is vouched for goes on where it was")
    void aShortDoubtPasses() {
        client.create(everything());
        client.sent();
        bench.node.isTrusted = false;
        bench.puts(2);
        bench.settle();
        bench.pass(Duration.ofMillis(500));
        bench.node.isTrusted = true;

        assertThat(client.revisions()).containsExactly(2L, 3L);
    }

    @Test
    @DisplayName(
            "I8: when the state turned out to be wrong and was replaced, what was told may be wrong: all streams end")
    void aRepairEndsWatches() {
        client.create(everything());
        client.sent();
        bench.node.follower.repaired();
        bench.puts(1);

        assertThat(client.sent()).isEmpty();
        assertThat(client.output.end).isEqualTo(StreamEnd.IN_DOUBT);
        WatchBench.Client next = bench.client();
        next.create(everything());
        bench.settle();
        assertThat(next.output.end).isNull();
    }

    @Test
    @DisplayName("WA-13: a stream that asked for a leader ends when there is none for three election timeouts")
    void aLeaderMayBeAskedFor() {
        WatchBench.Client demanding = bench.new Client(true);
        client.create(everything());
        bench.settle();
        bench.node.leader = null;
        bench.settle();
        bench.pass(Duration.ofSeconds(2));
        bench.settle();
        assertThat(demanding.output.end).isNull();
        bench.node.leader = FakeNode.SELF;
        bench.settle();
        bench.node.leader = null;
        bench.settle();
        bench.pass(Duration.ofSeconds(2));
        bench.settle();
        assertThat(demanding.output.end).as("there was one in between").isNull();
        bench.pass(Duration.ofSeconds(1));
        bench.settle();

        assertThat(demanding.output.end).isEqualTo(StreamEnd.NO_LEADER);
        bench.puts(1);
        assertThat(client.revisions()).as("WA-14: others need no leader").containsExactly(2L);
    }

    @Test
    @DisplayName("pitfall 64: a client that goes leaves nothing behind")
    void aClosedStreamIsForgotten() {
        client.create(everything().setProgressNotify(true));
        client.create(key("k").setStartRevision(1));
        bench.settle();
        client.hasRoomFor(0);
        bench.puts(1);
        bench.settle();
        client.stream.closed();
        client.create(key("k"));
        bench.settle();
        bench.pass(Duration.ofMinutes(1));
        bench.settle();

        assertThat(bench.gauge("etcd_debugging_mvcc_watcher_total")).isZero();
        assertThat(bench.gauge("etcd_debugging_mvcc_watch_stream_total")).isZero();
        assertThat(bench.gauge("etcd_debugging_mvcc_slow_watcher_total")).isZero();
        assertThat(bench.gauge("axolotl_watch_unsent_bytes")).isZero();
        assertThat(bench.node.follower.neededFrom()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    @DisplayName("a server that stops sends its watches elsewhere, and later ones too")
    void theEndOfTheServerEndsAll() {
        client.create(everything());
        bench.settle();
        bench.hub.endAll();
        bench.settle();
        WatchBench.Client late = bench.client();
        bench.settle();

        assertThat(client.output.end).isEqualTo(StreamEnd.STOPPED);
        assertThat(late.output.end).isEqualTo(StreamEnd.STOPPED);
    }
}
