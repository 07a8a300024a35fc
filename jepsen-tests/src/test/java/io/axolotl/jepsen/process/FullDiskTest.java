package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.jepsen.chaos.environment.SmallDisk;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs root for a file system of its own; skipped with a message where there is none. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullDiskTest {
    private static final Duration BOUND = SharedCluster.BOUND;
    private static final int DISK_MEGABYTES = 512;

    @TempDir
    private Path temp;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "D1, pitfall 58: a node whose disk is full, leader or not, refuses what adds data, still reads and deletes,"
                    + " holds up nobody, loses nothing, and goes on by itself when there is room")
    void nodeWithAFullDiskGoesOn(boolean leads) throws Exception {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "the behaviour is Axolotl's own");
        Optional<String> obstacle = SmallDisk.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> "a small disk cannot be made here: " + obstacle.orElse(""));
        try (SmallDisk disk = SmallDisk.mount(temp, "disk", DISK_MEGABYTES);
                ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL)
                        .root(temp.resolve("cluster"))
                        .dataFolder("n3", disk.folder().resolve("n3"))
                        .flag("snapshot-count", "500")
                        .flag("snapshot-catchup-entries", "500")
                        .build()) {
            cluster.start(BOUND);
            try {
                ServerProcess victim = cluster.node("n3");
                lead(cluster, leads ? victim : cluster.node("n1"));
                fillAndFree(disk, cluster, victim);
            } finally {
                SharedCluster.keepLogs(cluster, "full-disk-of-" + (leads ? "leader" : "follower"));
            }
        }
    }

    private static void lead(ProcessCluster cluster, ServerProcess wanted) throws Exception {
        if (cluster.awaitLeader(BOUND) != wanted) {
            long id = cluster.status(wanted).orElseThrow().header().memberId();
            try (AxolotlClient client = cluster.client()) {
                client.maintenance().moveLeader(id).get(10, TimeUnit.SECONDS);
            }
            Await.fact(
                    wanted + " to lead",
                    BOUND,
                    () -> cluster.leader().filter(wanted::equals).isPresent());
        }
    }

    private static double shortage(ServerProcess node) {
        return node.get("/metrics", Duration.ofSeconds(3))
                .map(page -> MetricsPage.parse(page).sum("axolotl_disk_shortage"))
                .orElse(-1.0);
    }

    private static void putAt(ServerProcess node) {
        URI url = URI.create(node.clientUrl());
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(
                        url.getHost(), url.getPort(), InsecureChannelCredentials.create())
                .build();
        try {
            PutResponse unused = KVGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("more"))
                            .setValue(ByteString.copyFromUtf8("data"))
                            .build());
        } finally {
            channel.shutdownNow();
        }
    }

    private static void fillAndFree(SmallDisk disk, ProcessCluster cluster, ServerProcess victim) throws Exception {
        try (Load load = Load.on(cluster);
                AxolotlClient member = ProcessCluster.clientOf(victim)) {
            member.kv().put("before", "the disk was full").get(10, TimeUnit.SECONDS);
            load.awaitWrites(200);
            Await.fact("the reserve to be held", BOUND, () -> shortage(victim) == 0);
            disk.fillUpTo(24);
            Await.fact("n3 to notice", BOUND, () -> shortage(victim) == 1);
            Await.fact(
                    "another to lead",
                    BOUND,
                    () -> cluster.leader().filter(it -> it != victim).isPresent());
            assertThatThrownBy(() -> putAt(victim))
                    .as("a client that knows this member alone")
                    .hasMessageContaining("the disk of this member is full");
            assertThat(member.kv()
                            .put("more", "data")
                            .get(10, TimeUnit.SECONDS)
                            .header()
                            .revision())
                    .as("ours goes on to a member that has room")
                    .isPositive();
            assertThat(member.kv().delete("before").get(10, TimeUnit.SECONDS).deleted())
                    .as("the reserve is there for deletes")
                    .isEqualTo(1);
            load.awaitWrites(300);
            disk.fill();
            Await.fact("n3 to have nothing left", BOUND, () -> shortage(victim) == 2);
            load.awaitWrites(300);
            assertThat(member.kv()
                            .get(KeyRange.single(Bytes.of("before")), GetOptions.DEFAULT.withSerializable(true))
                            .get(10, TimeUnit.SECONDS)
                            .kvs())
                    .isEmpty();
            assertThat(victim.isAlive()).as(victim.log()).isTrue();
            disk.free();
            Await.fact("n3 to take everything again", BOUND, () -> shortage(victim) == 0);
            load.awaitWrites(100);
            load.assertNothingLost();
            assertThat(victim.isAlive()).isTrue();
        }
    }
}
