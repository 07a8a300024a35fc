package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.HashKvResult;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.snapshot.LiveStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The state of a stopped member is altered behind its back, with checksums that are right: nothing on its disk gives it away. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class DivergenceRepairTest {
    private static final Duration BOUND = SharedCluster.BOUND;
    private static final String VICTIM = "divergence-victim";
    private static final Pattern NAMED = Pattern.compile("QUARANTINED.* is one of (\\d+) to (\\d+)");

    /** More entries than two comparisons are apart. */
    private static final int UNTIL_COMPARED = 1_200;

    @TempDir
    Path temp;

    @BeforeEach
    void onlyForAxolotl() {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "others compare nothing by themselves");
    }

    @Test
    @DisplayName(
            "I7, B9: a member whose stored state lost a key serves nothing from where that showed, names the entries, and"
                    + " comes back with the others' state; they go on")
    void anAlteredMemberIsFoundNamedAndRepaired(ProcessCluster cluster) {
        try (AxolotlClient client = cluster.client();
                Load load = Load.on(cluster)) {
            client.kv().put(VICTIM, "before").await();
            load.awaitWrites(100);
            ServerProcess altered = cluster.aFollower();
            cluster.awaitCaughtUp(altered, BOUND);
            assertThat(altered.stop(BOUND)).isZero();
            loseTheKey(altered.spec().dataFolder());
            altered.startAndAwaitHealthy(BOUND);
            cluster.awaitCaughtUp(altered, BOUND);
            assertThat(altered.log()).as("nothing shows yet").doesNotContain("DIVERGENCE");

            long before = commitIndex(cluster);
            client.kv().put(VICTIM, "after").await();
            long after = commitIndex(cluster);
            load.awaitWrites(UNTIL_COMPARED);
            Await.fact("the quarantine", BOUND, () -> altered.log().contains("QUARANTINED"));
            Matcher named = NAMED.matcher(altered.log());
            assertThat(named.find()).as(altered.log()).isTrue();
            long first = Long.parseLong(named.group(1));
            long last = Long.parseLong(named.group(2));
            assertThat(last - first).isEqualTo(63);
            assertThat(first).isLessThanOrEqualTo(after);
            assertThat(last).isGreaterThan(before);

            Await.fact(
                    "the repair",
                    BOUND,
                    () -> altered.log().contains("the diverged state was replaced by snapshot")
                            && altered.log().contains("all is served again"));
            load.awaitWrites(100);
            load.assertNothingLost();
            try (AxolotlClient alone = ProcessCluster.clientOf(altered)) {
                assertThat(alone.kv().get(VICTIM).await().kvs())
                        .singleElement()
                        .satisfies(kv -> assertThat(kv.version()).isEqualTo(2));
            }
            long revision = client.kv().get(VICTIM).await().header().revision();
            List<Long> hashes = cluster.nodes().stream()
                    .map(node -> client.maintenance()
                            .hashKv(node.clientUrl(), revision)
                            .await())
                    .map(HashKvResult::hash)
                    .distinct()
                    .toList();
            assertThat(hashes).hasSize(1);
            assertThat(cluster.others(altered)).noneMatch(node -> node.log().contains("QUARANTINED"));
        }
    }

    private static long commitIndex(ProcessCluster cluster) {
        return Await.answer(
                        "the leader's commit index",
                        BOUND,
                        () -> cluster.leader().flatMap(cluster::status))
                .raftIndex();
    }

    private void loseTheKey(Path dataFolder) {
        Path live = new LiveStore(
                        new RealDisk(new DiskMonitor()),
                        dataFolder.resolve("member").resolve("db"))
                .current();
        byte[] key = VICTIM.getBytes(StandardCharsets.UTF_8);
        try (KvEngine engine = RocksDbEngine.open(live, RocksDbOptions.defaults(temp.resolve("native")));
                AtomicWrite write = engine.newWrite()) {
            assertThat(engine.get(Space.IDX, key)).as("the key is there").isNotNull();
            write.delete(Space.IDX, key);
            engine.write(write);
            engine.flush();
        }
    }
}
