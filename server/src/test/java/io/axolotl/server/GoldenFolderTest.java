package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.SessionsGrpc;
import io.axolotl.client.proto.TxnRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every data folder that a released version has left is opened by this one, which finds in it what that version told of it, and
 * goes on writing (I17, faults C1 and O3). Each is a zip of a whole data folder in {@code src/test/resources/golden}, with
 * {@code told.txt} beside it in the zip: keys with all their revisions, the hash of the whole history, leases, members, users,
 * and what calls of a session came to, of which the repeats are told the same.
 *
 * <p>A release adds one and removes none: {@code mvn -pl server -am test -Dtest=GoldenFolderTest -Daxolotl.golden.make=0.2.0
 * -Dsurefire.failIfNoSpecifiedTests=false}, then commit the new zip.
 */
@Timeout(120)
class GoldenFolderTest {
    private static final Path RESOURCES = Path.of("src", "test", "resources", "golden");
    private static final String TOLD = "told.txt";
    private static final int LONG_TTL_SECONDS = 8_000_000;
    private static final long SESSION = 0xa0107;
    private static final Metadata.Key<String> ONCE = Metadata.Key.of("axolotl-once", Metadata.ASCII_STRING_MARSHALLER);

    @TempDir
    Path folder;

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        assertThat(fatal).isEmpty();
    }

    static List<Path> golden() throws IOException {
        try (Stream<Path> all = Files.list(RESOURCES)) {
            return all.filter(path -> path.toString().endsWith(".zip")).sorted().toList();
        }
    }

    @Test
    void theFormatOfTheFirstReleaseIsAmongThem() throws IOException {
        assertThat(golden())
                .extracting(path -> String.valueOf(path.getFileName()))
                .contains("0.1.0.zip");
    }

    @ParameterizedTest
    @MethodSource("golden")
    @DisplayName("I17: a data folder of an earlier release tells what it told then, and goes on")
    void anEarlierFolderIsOpenedAndGoesOn(Path zip) throws Exception {
        String told = unzip(zip);
        Server server = start("existing");
        assertThat(dump(server)).isEqualTo(told);
        long revision = kv(server).put(put("after", "the release")).getHeader().getRevision();
        assertThat(kv(server)
                        .range(RangeRequest.newBuilder()
                                .setKey(bytes("k7"))
                                .setRevision(revision - 1)
                                .build())
                        .getCount())
                .isEqualTo(1);
        server.stop();

        Server again = start("existing");
        KeyValue found = kv(again)
                .range(RangeRequest.newBuilder().setKey(bytes("after")).build())
                .getKvs(0);
        assertThat(found.getModRevision()).isEqualTo(revision);
        again.stop();
    }

    @Test
    @DisplayName(
            "pitfall 51: what a session knows is in the folder that a release makes, and changes nothing when asked for")
    void aFolderOfThisVersionKnowsItsSessions() throws Exception {
        Server server = start("new");
        SessionsGrpc.newBlockingStub(channel(server))
                .open(OpenSessionRequest.newBuilder().setId(SESSION).build());
        KVGrpc.KVBlockingStub kv = kv(server);
        for (String key : List.of("k5", "k6")) {
            kv.put(put(key, "before"));
        }
        kv.put(put("large", "x".repeat(5_000)));
        numberedCalls(server);
        String told = dump(server);
        server.stop();
        assertThat(told)
                .contains("call 0 came at 5 after a version of 2\n")
                .contains("call 1 came at 6, read a version of 5, deleted one of 3\n")
                .contains("call 2 settled: ")
                .contains("call 3 ended as applied 7\n");
        Server again = start("existing");
        assertThat(dump(again)).isEqualTo(told);
        again.stop();
    }

    @Test
    @EnabledIfSystemProperty(named = "axolotl.golden.make", matches = ".+")
    @DisplayName("makes the golden folder of a release")
    void makeOne() throws Exception {
        String version = Objects.requireNonNull(System.getProperty("axolotl.golden.make"));
        Server server = start("new");
        fill(server);
        Path snapshots = folder.resolve("n0").resolve("member").resolve("snapshots");
        await().atMost(Duration.ofSeconds(60)).until(() -> holdsSomething(snapshots));
        server.stop();
        // What is told must be what is on disk, not what was in memory.
        Server again = start("existing");
        String told = dump(again);
        again.stop();
        zip(RESOURCES.resolve(version + ".zip"), told);
    }

    private static boolean holdsSomething(Path snapshots) throws IOException {
        try (Stream<Path> all = Files.list(snapshots)) {
            return all.findAny().isPresent();
        }
    }

    // What is in it

    private void fill(Server server) throws Exception {
        KVGrpc.KVBlockingStub kv = kv(server);
        for (int i = 0; i < 120; i++) {
            kv.put(put("k" + i % 40, "value " + i));
        }
        long lease = LeaseGrpc.newBlockingStub(channel(server))
                .leaseGrant(LeaseGrantRequest.newBuilder()
                        .setID(77)
                        .setTTL(LONG_TTL_SECONDS)
                        .build())
                .getID();
        kv.put(PutRequest.newBuilder(put("leased", "as long as 77"))
                .setLease(lease)
                .build());
        kv.txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setResult(Compare.CompareResult.GREATER)
                        .setKey(bytes("k1"))
                        .setVersion(1))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("txn", "done")))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes("k2"))))
                .build());
        kv.put(put("large", "x".repeat(5_000)));
        kv.compact(
                CompactionRequest.newBuilder().setRevision(60).setPhysical(true).build());
        for (int i = 0; i < 30; i++) {
            kv.put(put("late" + i % 10, "value " + i));
        }
        kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes("late3")).build());
        AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel(server));
        auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("reader").build());
        auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName("ada")
                .setPassword("enchantress")
                .build());
        SessionsGrpc.newBlockingStub(channel(server))
                .open(OpenSessionRequest.newBuilder().setId(SESSION).build());
        numberedCalls(server);
        ClusterGrpc.ClusterBlockingStub cluster = ClusterGrpc.newBlockingStub(channel(server));
        long gone = cluster.memberAdd(learner("http://127.0.0.1:1")).getMember().getID();
        cluster.memberRemove(MemberRemoveRequest.newBuilder().setID(gone).build());
        cluster.memberAdd(learner("http://127.0.0.1:2"));
    }

    /** Makes these, or asks again what they came to; one fact per line. None if the folder has no sessions. */
    private List<String> numberedCalls(Server server) {
        List<String> lines = new ArrayList<>();
        try {
            var put = numbered(server, 0)
                    .put(PutRequest.newBuilder(put("k5", "numbered"))
                            .setPrevKv(true)
                            .build());
            lines.add("call 0 came at " + put.getHeader().getRevision() + " after a version of "
                    + put.getPrevKv().getModRevision());
        } catch (StatusRuntimeException e) {
            if ("no-session".equals(markOf(e))) {
                return List.of();
            }
            throw e;
        }
        var txn = numbered(server, 1)
                .txn(TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestRange(RangeRequest.newBuilder().setKey(bytes("k5"))))
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestDeleteRange(DeleteRangeRequest.newBuilder()
                                        .setKey(bytes("k6"))
                                        .setPrevKv(true)))
                        .addSuccess(RequestOp.newBuilder().setRequestPut(put("k8", "numbered too")))
                        .build());
        lines.add("call 1 came at " + txn.getHeader().getRevision() + ", read a version of "
                + txn.getResponses(0).getResponseRange().getKvs(0).getModRevision() + ", deleted one of "
                + txn.getResponses(1).getResponseDeleteRange().getPrevKvs(0).getModRevision());
        lines.add("call 2 "
                + failureOf(() -> numbered(server, 2)
                        .put(PutRequest.newBuilder(put("k9", "never"))
                                .setLease(4_711)
                                .build())));
        try {
            // Told once; from then on only that it was applied, for it is too large to keep.
            numbered(server, 3)
                    .put(PutRequest.newBuilder(put("large", "y"))
                            .setPrevKv(true)
                            .build());
        } catch (StatusRuntimeException e) {
            lines.add("call 3 ended as " + markOf(e));
        }
        return lines;
    }

    private static String failureOf(Callable<?> call) {
        try {
            return "ended well with " + call.call();
        } catch (StatusRuntimeException e) {
            return markOf(e) + ": " + e.getStatus().getDescription();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static @Nullable String markOf(StatusRuntimeException e) {
        Metadata trailers = e.getTrailers();
        return trailers == null ? null : trailers.get(ONCE);
    }

    private KVGrpc.KVBlockingStub numbered(Server server, int slot) {
        Metadata headers = new Metadata();
        headers.put(ONCE, Long.toHexString(SESSION) + "." + slot + ".7");
        return kv(server).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static MemberAddRequest learner(String url) {
        return MemberAddRequest.newBuilder().addPeerURLs(url).setIsLearner(true).build();
    }

    /** All that a client can ask of it, one fact per line. */
    private String dump(Server server) {
        List<String> lines = new ArrayList<>();
        KVGrpc.KVBlockingStub kv = kv(server);
        var all = kv.range(RangeRequest.newBuilder()
                .setKey(ByteString.copyFrom(new byte[1]))
                .setRangeEnd(ByteString.copyFrom(new byte[1]))
                .build());
        lines.add("revision " + all.getHeader().getRevision());
        for (KeyValue each : all.getKvsList()) {
            lines.add("key " + each.getKey().toStringUtf8() + " created " + each.getCreateRevision() + " changed "
                    + each.getModRevision() + " version " + each.getVersion() + " lease " + each.getLease() + " value "
                    + (each.getValue().size() > 100
                            ? each.getValue().size() + " bytes"
                            : each.getValue().toStringUtf8()));
        }
        HashKVResponse hash = MaintenanceGrpc.newBlockingStub(channel(server))
                .hashKV(HashKVRequest.newBuilder()
                        .setRevision(all.getHeader().getRevision())
                        .build());
        lines.add("hash " + hash.getHash() + " of the history since " + hash.getCompactRevision());
        LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel(server));
        for (LeaseStatus each :
                leases.leaseLeases(LeaseLeasesRequest.getDefaultInstance()).getLeasesList()) {
            var lease = leases.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                    .setID(each.getID())
                    .setKeys(true)
                    .build());
            lines.add("lease " + each.getID() + " of " + lease.getGrantedTTL() + " s with "
                    + lease.getKeysList().stream().map(ByteString::toStringUtf8).collect(Collectors.joining(",")));
        }
        for (Member each : ClusterGrpc.newBlockingStub(channel(server))
                .memberList(MemberListRequest.getDefaultInstance())
                .getMembersList()) {
            lines.add("member " + Long.toHexString(each.getID()) + " " + each.getName()
                    + (each.getIsLearner() ? " learner" : " voter"));
        }
        AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(channel(server));
        lines.add("users "
                + auth.userList(AuthUserListRequest.getDefaultInstance()).getUsersList());
        lines.add("roles "
                + auth.roleList(AuthRoleListRequest.getDefaultInstance()).getRolesList());
        lines.addAll(numberedCalls(server));
        return String.join("\n", lines) + "\n";
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    // Servers

    /** On other ports each time, as after a move: whose folder it is the folder knows. */
    private Server start(String clusterState) throws InterruptedException {
        List<String> line = new ArrayList<>(TestServers.commandLines(folder, 1).get(0));
        line.add("--initial-cluster-state=" + clusterState);
        line.add("--snapshot-count=60");
        Server server = Server.start(TestServers.config(line), (what, cause) -> fatal.add(what + ": " + cause));
        assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        return server;
    }

    private KVGrpc.KVBlockingStub kv(Server server) {
        return KVGrpc.newBlockingStub(channel(server));
    }

    private ManagedChannel channel(Server server) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        (InetSocketAddress) server.clientAddresses().get(0))
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    // Zips

    private String unzip(Path zip) throws IOException {
        String told = "";
        try (InputStream in = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(in)) {
            for (ZipEntry each = entries.getNextEntry(); each != null; each = entries.getNextEntry()) {
                if (each.getName().equals(TOLD)) {
                    told = new String(entries.readAllBytes(), StandardCharsets.UTF_8);
                    continue;
                }
                Path target = folder.resolve(each.getName());
                if (each.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(Objects.requireNonNull(target.getParent()));
                    Files.write(target, entries.readAllBytes());
                }
            }
        }
        return told;
    }

    /** The data folder as it is, without RocksDB's own log for people and the unpacked native library. */
    private void zip(Path target, String told) throws IOException {
        Files.createDirectories(RESOURCES);
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder.resolve("n0"))) {
            all = found.filter(GoldenFolderTest::isData).sorted().toList();
        }
        try (OutputStream out = Files.newOutputStream(target);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(9);
            zip.putNextEntry(new ZipEntry(TOLD));
            zip.write(told.getBytes(StandardCharsets.UTF_8));
            for (Path each : all) {
                String name = folder.relativize(each).toString();
                if (Files.isDirectory(each)) {
                    zip.putNextEntry(new ZipEntry(name + "/"));
                } else {
                    zip.putNextEntry(new ZipEntry(name));
                    Files.copy(each, zip);
                }
            }
        }
    }

    private static boolean isData(Path path) {
        String name = String.valueOf(path.getFileName());
        return !name.startsWith("LOG")
                && !name.endsWith(".so")
                && !path.toString().contains("/native")
                && !name.equals("reserve");
    }
}
