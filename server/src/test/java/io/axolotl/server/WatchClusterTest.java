package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchOptions;
import io.axolotl.client.WatchResult;
import io.axolotl.testkit.AxolotlCluster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Watches on every member of a real cluster while leadership moves, members go, history is compacted. */
@Timeout(120)
class WatchClusterTest {
    private static final KeyRange ALL = KeyRange.prefix("w/");

    @RegisterExtension
    static final AxolotlCluster cluster = AxolotlCluster.builder().nodes(3).build();

    private final List<AxolotlClient> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(AxolotlClient::close);
        assertThat(cluster.nodes())
                .allSatisfy(node -> assertThat(cluster.death(node)).isEmpty());
    }

    /** A client that begins with this member, and goes on with the others. */
    private AxolotlClient client(int first) {
        List<String> order = new ArrayList<>(cluster.endpoints());
        Collections.rotate(order, -first);
        AxolotlClient client = AxolotlClient.builder().endpoints(order).build();
        clients.add(client);
        return client;
    }

    /** The changes through this revision. */
    private static List<String> changesThrough(Watch watch, long revision) throws InterruptedException {
        List<String> changes = new ArrayList<>();
        for (long last = 0; last < revision; ) {
            WatchResult result = watch.next();
            assertThat(result.isCanceled()).as("%s", result).isFalse();
            for (WatchEvent event : result.events()) {
                last = event.kv().modRevision();
                changes.add(last + " " + (event.isDelete() ? "-" : "+")
                        + event.kv().key() + "=" + event.kv().value());
            }
        }
        return changes;
    }

    @Test
    @DisplayName(
            "WA-14, I8, GU-4: on every member, across the end of the leader: all changes, once, in order, the same for all")
    void everybodySeesTheSameAcrossAChangeOfLeader() throws InterruptedException {
        AxolotlClient writer = client(0);
        long first = writer.kv().put("w/first", "0").await().header().revision();
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            watches.add(client(i).watch(ALL, WatchOptions.DEFAULT.from(first)));
        }
        long last = 0;
        for (int i = 0; i < 300; i++) {
            if (i == 150) {
                cluster.stop(cluster.awaitLeader());
            }
            last = put(writer, "w/" + i % 10, "v" + i);
        }
        List<String> expected = changesThrough(client(0).watch(ALL, WatchOptions.DEFAULT.from(first)), last);
        assertThat(expected).hasSizeGreaterThanOrEqualTo(301);
        for (Watch watch : watches) {
            assertThat(changesThrough(watch, last)).isEqualTo(expected);
            watch.close();
        }
    }

    /** Until it is certainly written; a repeated put is another change, of which all hear. */
    private static long put(AxolotlClient writer, String key, String value) {
        while (true) {
            var outcome = writer.kv().put(key, value).awaitOutcome();
            if (outcome instanceof io.axolotl.client.Outcome.Done<io.axolotl.client.PutResult> done) {
                return done.result().header().revision();
            }
        }
    }

    @Test
    @DisplayName(
            "A6, WA-4: compaction to the newest revision after every change takes nothing from watches that keep up")
    void compactionNeverOvertakesAWatchThatKeepsUp() throws InterruptedException {
        AxolotlClient writer = client(0);
        long first = writer.kv().put("w/first", "0").await().header().revision();
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Watch watch = client(i).watch(ALL, WatchOptions.DEFAULT.from(first));
            watches.add(watch);
            assertThat(changesThrough(watch, first)).hasSize(1);
        }
        long last = first;
        for (int i = 0; i < 100; i++) {
            writer.kv().put("w/k", "v" + i).await();
            last = writer.kv()
                    .delete(KeyRange.single(Bytes.of("w/k")), io.axolotl.client.DeleteOptions.DEFAULT)
                    .await()
                    .header()
                    .revision();
            var unused = writer.kv().compact(last, false).await();
        }
        for (Watch watch : watches) {
            assertThat(changesThrough(watch, last)).hasSize(200);
            watch.close();
        }
    }
}
