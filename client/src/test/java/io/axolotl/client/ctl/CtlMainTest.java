package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.axolotl.client.FakeEtcd;
import io.axolotl.client.proto.AlarmMember;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.AlarmType;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MemberPromoteResponse;
import io.axolotl.client.proto.MemberRemoveResponse;
import io.axolotl.client.proto.MemberUpdateResponse;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.SnapshotRequest;
import io.axolotl.client.proto.SnapshotResponse;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.transport.LoopbackPorts;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forms below were seen on etcdctl 3.4.23. */
@Timeout(60)
final class CtlMainTest {
    private final FakeEtcd server = FakeEtcd.start(0xa7fd0b7339b33c43L);

    @AfterEach
    void close() {
        server.close();
    }

    private Ctl ctl(String... args) {
        return ctlWithInput("", args);
    }

    private Ctl ctlWithInput(String in, String... args) {
        return Ctl.run(server, in, args);
    }

    static KeyValue stored(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setCreateRevision(2)
                .setModRevision(3)
                .setVersion(2)
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    private void holds(KeyValue... kvs) {
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .addAllKvs(List.of(kvs))
                .setCount(kvs.length)
                .build());
    }

    @Test
    void putSaysOkAndWhatWasThere() {
        server.onPut = FakeEtcd.ok(request -> PutResponse.newBuilder()
                .setHeader(server.header())
                .setPrevKv(stored("a", "1"))
                .build());
        assertThat(ctl("put", "a", "2", "--prev-kv", "--lease=1f")).isEqualTo(new Ctl(0, "OK\na\n1\n", ""));
        assertThat(server.puts).singleElement().satisfies(put -> {
            assertThat(put.getLease()).isEqualTo(0x1f);
            assertThat(put.getPrevKv()).isTrue();
        });
        assertThat(ctl("-w", "json", "put", "a", "2").out())
                .isEqualTo(
                        "{\"header\":{\"cluster_id\":1,\"member_id\":12104843962958953539,\"revision\":7,\"raft_term\":5},"
                                + "\"prev_kv\":{\"key\":\"YQ==\",\"create_revision\":2,\"mod_revision\":3,\"version\":2,"
                                + "\"value\":\"MQ==\"}}\n");
    }

    @Test
    void aValueMayComeFromStandardInput() {
        assertThat(ctlWithInput("from stdin\n", "put", "k")).isEqualTo(new Ctl(0, "OK\n", ""));
        assertThat(ctl("put", "k", "--", "-dash")).isEqualTo(new Ctl(0, "OK\n", ""));
        assertThat(ctl("put", "k", "@no-file")).isEqualTo(new Ctl(0, "OK\n", ""));
        assertThat(server.puts)
                .extracting(put -> put.getValue().toStringUtf8())
                .containsExactly("from stdin\n", "-dash", "@no-file");
    }

    @Test
    void getPrintsKeysAndValuesAsTheyAre() {
        holds(stored("a", "1"), stored("é", "zwei Wörter"));
        assertThat(ctl("get", "a", "z").out()).isEqualTo("a\n1\né\nzwei Wörter\n");
        assertThat(ctl("get", "a", "--prefix", "--print-value-only").out()).isEqualTo("1\nzwei Wörter\n");
        assertThat(ctl("get", "a", "--hex").out())
                .isEqualTo("\\x61\n\\x31\n\\xc3\\xa9\n\\x7a\\x77\\x65\\x69\\x20\\x57\\xc3\\xb6\\x72\\x74\\x65\\x72\n");
        assertThat(ctl("get", "a", "-w", "json").out())
                .isEqualTo(
                        "{\"header\":{\"cluster_id\":1,\"member_id\":12104843962958953539,\"revision\":7,\"raft_term\":5},"
                                + "\"kvs\":[{\"key\":\"YQ==\",\"create_revision\":2,\"mod_revision\":3,\"version\":2,\"value\":\"MQ==\"},"
                                + "{\"key\":\"w6k=\",\"create_revision\":2,\"mod_revision\":3,\"version\":2,"
                                + "\"value\":\"endlaSBXw7ZydGVy\"}],\"count\":2}\n");
    }

    @Test
    void bytesThatAreNoTextComeOutUnchanged() {
        KeyValue binary = KeyValue.newBuilder()
                .setKey(ByteString.copyFrom(new byte[] {(byte) 0xff, 0}))
                .setValue(ByteString.copyFrom(new byte[] {(byte) 0xfe, '\n'}))
                .build();
        holds(binary);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exitCode = CtlMain.run(
                new String[] {"--endpoints", server.endpoint(), "get", "x"},
                Map.of(),
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                System.err);
        assertThat(exitCode).isZero();
        assertThat(out.toByteArray()).containsExactly(0xff, 0, '\n', 0xfe, '\n', '\n');
    }

    @Test
    void getSendsWhatItsFlagsSay() {
        ctl("get", "a", "b", "--limit=3", "--rev=4", "--sort-by=modify", "--order=Descend", "--keys-only");
        ctl("get", "a", "--prefix=true", "--consistency=s", "--count-only");
        ctl("get", "", "--from-key", "--sort-by", "VERSION");
        assertThat(server.ranges)
                .containsExactly(
                        RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("a"))
                                .setRangeEnd(ByteString.copyFromUtf8("b"))
                                .setLimit(3)
                                .setRevision(4)
                                .setSortTarget(RangeRequest.SortTarget.MOD)
                                .setSortOrder(RangeRequest.SortOrder.DESCEND)
                                .setKeysOnly(true)
                                .build(),
                        RangeRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("a"))
                                .setRangeEnd(ByteString.copyFromUtf8("b"))
                                .setSerializable(true)
                                .setCountOnly(true)
                                .build(),
                        RangeRequest.newBuilder()
                                .setKey(ByteString.copyFrom(new byte[1]))
                                .setRangeEnd(ByteString.copyFrom(new byte[1]))
                                .setSortTarget(RangeRequest.SortTarget.VERSION)
                                .build());
    }

    @Test
    void aCountIsANumber() {
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .setCount(42)
                .build());
        assertThat(ctl("get", "a", "--prefix", "--count-only")).isEqualTo(new Ctl(0, "42\n", ""));
    }

    @Test
    void delSaysHowManyAndWhat() {
        server.onDelete = FakeEtcd.ok(request -> DeleteRangeResponse.newBuilder()
                .setHeader(server.header())
                .setDeleted(1)
                .addPrevKvs(stored("a", "1"))
                .build());
        assertThat(ctl("del", "a", "--prev-kv")).isEqualTo(new Ctl(0, "1\na\n1\n", ""));
        assertThat(ctl("del", "a", "-w=json").out())
                .isEqualTo(
                        "{\"header\":{\"cluster_id\":1,\"member_id\":12104843962958953539,\"revision\":7,\"raft_term\":5},"
                                + "\"deleted\":1,\"prev_kvs\":[{\"key\":\"YQ==\",\"create_revision\":2,\"mod_revision\":3,\"version\":2,"
                                + "\"value\":\"MQ==\"}]}\n");
    }

    @Test
    void txnPrintsWhichWayItWentAndEachResult() {
        server.onTxn = FakeEtcd.ok(request -> TxnResponse.newBuilder()
                .setHeader(server.header())
                .setSucceeded(true)
                .addResponses(ResponseOp.newBuilder().setResponsePut(PutResponse.getDefaultInstance()))
                .addResponses(ResponseOp.newBuilder()
                        .setResponseRange(RangeResponse.newBuilder().addKvs(stored("k", "2"))))
                .addResponses(ResponseOp.newBuilder().setResponseDeleteRange(DeleteRangeResponse.getDefaultInstance()))
                .build());
        String lines = "ver(\"k\") > \"0\"\n\nput k 2\nget k\ndel zz --prefix\n\nput k3 4\n\n";
        assertThat(ctlWithInput(lines, "txn")).isEqualTo(new Ctl(0, "SUCCESS\n\nOK\n\nk\n2\n\n0\n", ""));
        assertThat(ctlWithInput(lines, "txn", "-i").out()).isEqualTo("""
                        compares:
                        success requests (get, put, del):
                        failure requests (get, put, del):
                        SUCCESS

                        OK

                        k
                        2

                        0
                        """);
        assertThat(ctlWithInput(lines, "txn", "-w", "json").out())
                .isEqualTo(
                        "{\"header\":{\"cluster_id\":1,\"member_id\":12104843962958953539,\"revision\":7,\"raft_term\":5},"
                                + "\"succeeded\":true,\"responses\":["
                                + "{\"Response\":{\"ResponsePut\":{\"header\":{}}}},"
                                + "{\"Response\":{\"ResponseRange\":{\"header\":{},\"kvs\":[{\"key\":\"aw==\",\"create_revision\":2,"
                                + "\"mod_revision\":3,\"version\":2,\"value\":\"Mg==\"}]}}},"
                                + "{\"Response\":{\"ResponseDeleteRange\":{\"header\":{}}}}]}\n");
    }

    @Test
    void compactHasTwoNames() {
        assertThat(ctl("compaction", "5")).isEqualTo(new Ctl(0, "compacted revision 5\n", ""));
        assertThat(ctl("compact", "6", "--physical")).isEqualTo(new Ctl(0, "compacted revision 6\n", ""));
        assertThat(server.compactions)
                .extracting(request -> request.getPhysical())
                .containsExactly(false, true);
    }

    @Test
    @DisplayName("G-1: changes of members in etcdctl's words, and what the new one is to be started with")
    void membersAreChanged() {
        Member old = Member.newBuilder()
                .setID(1)
                .setName("n1")
                .addPeerURLs("http://a:1")
                .addPeerURLs("http://b:1")
                .build();
        Member added = Member.newBuilder()
                .setID(0xe804818ccb12d744L)
                .addPeerURLs("http://c:1")
                .setIsLearner(true)
                .build();
        ResponseHeader header = server.header().toBuilder().setRevision(0).build();
        server.onMemberAdd = FakeEtcd.ok(request -> MemberAddResponse.newBuilder()
                .setHeader(header)
                .setMember(added)
                .addMembers(old)
                .addMembers(added)
                .build());
        assertThat(ctl("member", "add", "n2", "--learner", "--peer-urls=http://c:1"))
                .isEqualTo(new Ctl(0, """
                        Member e804818ccb12d744 added to cluster                1

                        ETCD_NAME="n2"
                        ETCD_INITIAL_CLUSTER="n1=http://a:1,n1=http://b:1,n2=http://c:1"
                        ETCD_INITIAL_ADVERTISE_PEER_URLS="http://c:1"
                        ETCD_INITIAL_CLUSTER_STATE="existing"
                        """, ""));
        assertThat(ctl("member", "add", "n2", "--peer-urls=http://c:1", "-w", "json")
                        .out())
                .isEqualTo("{\"header\":{\"cluster_id\":1,\"member_id\":12104843962958953539,\"raft_term\":5},"
                        + "\"member\":{\"ID\":16718630158408537924,\"peerURLs\":[\"http://c:1\"],\"isLearner\":true},"
                        + "\"members\":[{\"ID\":1,\"name\":\"n1\",\"peerURLs\":[\"http://a:1\",\"http://b:1\"]},"
                        + "{\"ID\":16718630158408537924,\"peerURLs\":[\"http://c:1\"],\"isLearner\":true}]}\n");
        assertThat(server.memberAdds)
                .extracting(request -> request.getIsLearner())
                .containsExactly(true, false);
        server.onMemberPromote = FakeEtcd.ok(
                request -> MemberPromoteResponse.newBuilder().setHeader(header).build());
        server.onMemberUpdate = FakeEtcd.ok(
                request -> MemberUpdateResponse.newBuilder().setHeader(header).build());
        server.onMemberRemove = FakeEtcd.ok(
                request -> MemberRemoveResponse.newBuilder().setHeader(header).build());
        assertThat(ctl("member", "promote", "e804818ccb12d744").out())
                .isEqualTo("Member e804818ccb12d744 promoted in cluster                1\n");
        assertThat(ctl("member", "update", "7", "--peer-urls=http://d:1,http://e:1")
                        .out())
                .isEqualTo("Member                7 updated in cluster                1\n");
        assertThat(ctl("member", "remove", "e804818ccb12d744").out())
                .isEqualTo("Member e804818ccb12d744 removed from cluster                1\n");
        assertThat(server.memberUpdates)
                .singleElement()
                .satisfies(
                        request -> assertThat(request.getPeerURLsList()).containsExactly("http://d:1", "http://e:1"));
    }

    @Test
    void membersAreListedInThreeForms() {
        server.onMembers = FakeEtcd.ok(request -> MemberListResponse.newBuilder()
                .setHeader(server.header().toBuilder().setRevision(0))
                .addMembers(Member.newBuilder()
                        .setID(server.memberId)
                        .setName("n1")
                        .addPeerURLs("http://127.0.0.1:33780")
                        .addClientURLs("http://127.0.0.1:33779"))
                .addMembers(Member.newBuilder()
                        .setID(2)
                        .addPeerURLs("http://p?a=1&b=2")
                        .setIsLearner(true))
                .build());
        assertThat(ctl("member", "list").out()).isEqualTo("""
                        a7fd0b7339b33c43, started, n1, http://127.0.0.1:33780, http://127.0.0.1:33779, false
                        2, unstarted, , http://p?a=1&b=2, , true
                        """);
        assertThat(ctl("member", "list", "-w", "json").out())
                .isEqualTo(
                        "{\"header\":{\"cluster_id\":1,\"member_id\":12104843962958953539,\"raft_term\":5},\"members\":["
                                + "{\"ID\":12104843962958953539,\"name\":\"n1\",\"peerURLs\":[\"http://127.0.0.1:33780\"],"
                                + "\"clientURLs\":[\"http://127.0.0.1:33779\"]},"
                                + "{\"ID\":2,\"peerURLs\":[\"http://p?a=1\\u0026b=2\"],\"isLearner\":true}]}\n");
        assertThat(ctl("member", "list", "-w", "table").out()).isEqualTo("""
                +------------------+-----------+------+------------------------+------------------------+------------+
                |        ID        |  STATUS   | NAME |       PEER ADDRS       |      CLIENT ADDRS      | IS LEARNER |
                +------------------+-----------+------+------------------------+------------------------+------------+
                | a7fd0b7339b33c43 |   started |   n1 | http://127.0.0.1:33780 | http://127.0.0.1:33779 |      false |
                |                2 | unstarted |      |       http://p?a=1&b=2 |                        |       true |
                +------------------+-----------+------+------------------------+------------------------+------------+
                """);
    }

    @Test
    void statusIsListedInThreeFormsAndDeadEndpointsAreNamed() {
        String at = server.endpoint();
        assertThat(ctl("endpoint", "status").out())
                .isEqualTo(at + ", a7fd0b7339b33c43, 3.6.14, 25 kB, true, false, 5, 31, 30, \n");
        assertThat(ctl("endpoint", "status", "-w", "json").out())
                .isEqualTo("[{\"Endpoint\":\"" + at + "\",\"Status\":{\"header\":{\"cluster_id\":1,"
                        + "\"member_id\":12104843962958953539,\"revision\":7,\"raft_term\":5},\"version\":\"3.6.14\","
                        + "\"dbSize\":24576,\"leader\":12104843962958953539,\"raftIndex\":31,\"raftTerm\":5,"
                        + "\"raftAppliedIndex\":30,\"dbSizeInUse\":20480}}]\n");
        String dead = "127.0.0.1:" + LoopbackPorts.free();
        Ctl both = Ctl.run("", "--endpoints", dead + "," + at, "endpoint", "status");
        assertThat(both.exitCode()).isEqualTo(1);
        assertThat(both.out()).startsWith(at + ", a7fd0b7339b33c43");
        assertThat(both.err())
                .startsWith("Failed to get the status of endpoint " + dead + " (")
                .contains("refused");
    }

    @Test
    @DisplayName("MT-1: alarms are listed in etcd's words, the blank at the end included, and by number in JSON")
    void alarmsAreListed() {
        server.onAlarm = FakeEtcd.ok(request -> AlarmResponse.newBuilder()
                .addAlarms(AlarmMember.newBuilder().setMemberID(-1).setAlarm(AlarmType.NOSPACE))
                .addAlarms(AlarmMember.newBuilder().setMemberID(7).setAlarm(AlarmType.CORRUPT))
                .build());
        assertThat(ctl("alarm", "list"))
                .isEqualTo(new Ctl(0, "memberID:18446744073709551615 alarm:NOSPACE \nmemberID:7 alarm:CORRUPT \n", ""));
        assertThat(ctl("alarm", "list", "-w", "json").out())
                .isEqualTo(
                        "{\"alarms\":[{\"memberID\":18446744073709551615,\"alarm\":1},{\"memberID\":7,\"alarm\":2}]}\n");
    }

    @Test
    @DisplayName("MT-1: disarming lists first, then disarms one by one, and tells what was disarmed")
    void alarmsAreDisarmedOneByOne() {
        AlarmMember full = AlarmMember.newBuilder()
                .setMemberID(7)
                .setAlarm(AlarmType.NOSPACE)
                .build();
        AlarmMember gone = full.toBuilder().setMemberID(8).build();
        server.onAlarm = FakeEtcd.inTurn(
                FakeEtcd.ok(request -> AlarmResponse.newBuilder()
                        .setHeader(server.header())
                        .addAlarms(full)
                        .addAlarms(gone)
                        .build()),
                FakeEtcd.ok(request -> AlarmResponse.newBuilder()
                        .setHeader(server.header())
                        .addAlarms(full)
                        .build()),
                FakeEtcd.ok(request ->
                        AlarmResponse.newBuilder().setHeader(server.header()).build()));
        assertThat(ctl("alarm", "disarm", "-w", "json"))
                .isEqualTo(new Ctl(0, "{\"alarms\":[{\"memberID\":7,\"alarm\":1}]}\n", ""));
        assertThat(server.alarms)
                .extracting(AlarmRequest::getAction, AlarmRequest::getMemberID, AlarmRequest::getAlarm)
                .containsExactly(
                        tuple(AlarmRequest.AlarmAction.GET, 0L, AlarmType.NONE),
                        tuple(AlarmRequest.AlarmAction.DEACTIVATE, 7L, AlarmType.NOSPACE),
                        tuple(AlarmRequest.AlarmAction.DEACTIVATE, 8L, AlarmType.NOSPACE));
    }

    @Test
    @DisplayName("MT-4: hashes are unsigned, and what could not be hashed is named")
    void hashesAreListed() {
        String at = server.endpoint();
        server.onHashKv = FakeEtcd.ok(request -> HashKVResponse.newBuilder()
                .setHeader(server.header())
                .setHash(-2)
                .setCompactRevision(-1)
                .setHashRevision(request.getRevision())
                .build());
        assertThat(ctl("endpoint", "hashkv")).isEqualTo(new Ctl(0, at + ", 4294967294\n", ""));
        assertThat(ctl("endpoint", "hashkv", "--rev=5", "-w", "json").out())
                .endsWith("\"hash\":4294967294,\"compact_revision\":-1,\"hash_revision\":5}}]\n");
        server.onHashKv =
                FakeEtcd.fail(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision");
        assertThat(ctl("endpoint", "hashkv"))
                .isEqualTo(new Ctl(
                        1,
                        "",
                        "Failed to get the hash of endpoint " + at
                                + " (etcdserver: mvcc: required revision is a future revision)\n"
                                + "Error: etcdserver: mvcc: required revision is a future revision\n"));
    }

    @Test
    @DisplayName("MT-3: members are defragmented one after the other, and those that could not be are named")
    void membersAreDefragmented() {
        String at = server.endpoint();
        assertThat(ctl("defrag")).isEqualTo(new Ctl(0, "Finished defragmenting etcd member[" + at + "]\n", ""));
        server.onDefragment = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: server stopped");
        assertThat(ctl("defrag"))
                .isEqualTo(
                        new Ctl(1, "", "Failed to defragment etcd member[" + at + "] (etcdserver: server stopped)\n"));
    }

    private static FakeEtcd.Answer<SnapshotRequest, SnapshotResponse> sends(String version, byte[]... chunks) {
        return (request, observer) -> {
            for (byte[] chunk : chunks) {
                observer.onNext(SnapshotResponse.newBuilder()
                        .setBlob(ByteString.copyFrom(chunk))
                        .setVersion(version)
                        .build());
            }
            observer.onCompleted();
        };
    }

    private static byte[] sha256(byte[]... parts) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    @Test
    @DisplayName("MT-5: a snapshot is saved whole, with its checksum, and the server's version is told if there is one")
    void aSnapshotIsSaved(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("saved");
        byte[] first = new byte[500];
        byte[] second = new byte[12];
        second[3] = 7;
        Files.writeString(file, "an older one");
        server.onSnapshot = sends("", first, second, sha256(first, second));
        assertThat(ctl("snapshot", "save", file.toString()))
                .isEqualTo(new Ctl(0, "Snapshot saved at " + file + "\n", ""));
        assertThat(Files.readAllBytes(file)).hasSize(512 + 32).startsWith(first);
        server.onSnapshot = sends("3.6.0", first, second, sha256(first, second));
        assertThat(ctl("snapshot", "save", file.toString()).out()).endsWith("Server version 3.6.0\n");
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    }

    @Test
    @DisplayName("MT-5: what did not arrive whole leaves nothing, and what was there before stays")
    void aSnapshotIsSavedWholeOrNotAtAll(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("saved");
        byte[] content = new byte[512];
        Files.writeString(file, "an older one");
        server.onSnapshot = sends("", content, new byte[32]);
        assertThat(ctl("snapshot", "save", file.toString()).err()).contains("did not arrive whole");
        server.onSnapshot = sends("", content);
        assertThat(ctl("snapshot", "save", file.toString()).exitCode()).isEqualTo(5);
        server.onSnapshot = (request, observer) -> {
            observer.onNext(SnapshotResponse.newBuilder()
                    .setBlob(ByteString.copyFrom(content))
                    .build());
            observer.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("etcdserver: too many requests")
                    .asRuntimeException());
        };
        assertThat(ctl("snapshot", "save", file.toString()).err()).isEqualTo("Error: etcdserver: too many requests\n");
        assertThat(file).hasContent("an older one");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    @DisplayName("MT-5: a snapshot is of one member; status and restore need none")
    void snapshotCommandsThatCannotBeAreRefused() {
        assertThat(ctl("snapshot", "save")).isEqualTo(new Ctl(128, "", "Error: snapshot save expects one argument\n"));
        assertThat(Ctl.run("", "--endpoints=a,b", "snapshot", "save", "x").err())
                .isEqualTo("Error: snapshot must be requested to one selected node, not multiple [a b]\n");
        assertThat(ctl("snapshot", "restore", "x", "--name=n1").err()).contains("use: axolotl snapshot restore x");
    }

    @Test
    void longErrorsAreBrokenBetweenWordsInATable() {
        server.onStatus = FakeEtcd.ok(request -> server.status().toBuilder()
                .addErrors("etcdserver: no leader")
                .addErrors("memberID:7 alarm:NOSPACE ")
                .build());
        assertThat(ctl("endpoint", "status", "-w", "table").out())
                .contains("|   etcdserver: no leader, |\n")
                .contains("| memberID:7 alarm:NOSPACE |\n");
    }

    @Test
    @DisplayName("G-1: an endpoint is healthy if it answers a linearizable read, even with permission denied")
    void healthIsALinearizableRead() {
        String at = server.endpoint();
        Ctl healthy = ctl("endpoint", "health");
        assertThat(healthy.exitCode()).isZero();
        assertThat(healthy.out()).isEmpty();
        assertThat(healthy.err())
                .matches(at + " is healthy: successfully committed proposal: took = [0-9.]+(ms|s|µs)\n");
        assertThat(server.ranges).allSatisfy(range -> {
            assertThat(range.getKey().toStringUtf8()).isEqualTo("health");
            assertThat(range.getSerializable()).isFalse();
        });
        server.onRange = FakeEtcd.fail(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
        assertThat(ctl("endpoint", "health").exitCode()).isZero();
        server.onRange = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: no leader");
        Ctl ill = ctl("endpoint", "health", "-w", "json");
        assertThat(ill.exitCode()).isEqualTo(1);
        assertThat(ill.out())
                .matches("\\[\\{\"endpoint\":\"" + at
                        + "\",\"health\":false,\"took\":\"[^\"]+\",\"error\":\"etcdserver: no leader\"}]\n");
        assertThat(ill.err()).isEqualTo("Error: unhealthy cluster\n");
    }

    @Test
    void clusterMeansTheEndpointsOfTheMemberList() {
        server.onMembers = FakeEtcd.ok(request -> MemberListResponse.newBuilder()
                .setHeader(server.header())
                .addMembers(Member.newBuilder().setID(server.memberId).addClientURLs(server.endpoint()))
                .build());
        String bare = server.endpoint().substring("http://".length());
        assertThat(Ctl.run("", "--endpoints", bare, "endpoint", "status", "--cluster")
                        .out())
                .startsWith(server.endpoint() + ", ");
    }

    @Test
    void moveLeaderNamesBothInHexadecimal() {
        assertThat(ctl("move-leader", "ff"))
                .isEqualTo(new Ctl(0, "Leadership transferred from a7fd0b7339b33c43 to ff\n", ""));
        assertThat(server.moves)
                .singleElement()
                .satisfies(move -> assertThat(move.getTargetID()).isEqualTo(255));
    }

    @Test
    void flagsMayComeFromTheEnvironment() {
        assertThat(Ctl.run(
                        Map.of("ETCDCTL_ENDPOINTS", server.endpoint(), "ETCDCTL_WRITE_OUT", "json"),
                        "",
                        "get",
                        "k",
                        "-w",
                        "simple"))
                .isEqualTo(new Ctl(0, "", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            get                          | 128 | get command needs one argument as key and an optional argument as range_end
            get a z --prefix             | 128 | too many arguments, only accept one argument when `--prefix` or `--from-key` is set
            get a --prefix --from-key    | 128 | `--prefix` and `--from-key` cannot be set at the same time, choose one
            get a --print-value-only -w json | 128 | print-value-only is only for `--write-out=simple`
            get a --sort-by=BOGUS        | 4   | bad sort target BOGUS
            get a --order=BOGUS          | 4   | bad sort order BOGUS
            get a --consistency=x        | 4   | unknown consistency flag "x"
            get a -w bogus               | 4   | unsupported output format
            get a -w table               | 4   | table not supported as output format
            put                          | 128 | put command needs 1 argument and input from stdin or 2 arguments
            put a                        | 128 | put command needs 1 argument and input from stdin or 2 arguments
            put a b c                    | 128 | put command needs 1 argument and input from stdin or 2 arguments
            put a b --ignore-value       | 128 | put command needs only 1 argument when 'ignore-value' is set
            put a b --lease=zz           | 128 | bad lease ID "zz", expecting ID in Hex
            del                          | 128 | del command needs one argument as key and an optional argument as range_end
            del a b c                    | 128 | del command needs one argument as key and an optional argument as range_end
            txn x                        | 128 | txn command does not accept argument
            compact                      | 128 | compaction command needs 1 argument
            compact x                    | 1   | revision "x" is not a number
            move-leader                  | 128 | move-leader command needs 1 argument
            move-leader zzz              | 128 | "zzz" is not a member ID in hexadecimal
            lease grant                  | 128 | lease grant command needs TTL argument
            lease grant x                | 128 | bad TTL (strconv.ParseInt: parsing "x": invalid syntax)
            lease revoke                 | 128 | lease revoke command needs 1 argument
            lease timetolive zz          | 128 | bad lease ID arg (strconv.ParseInt: parsing "zz": invalid syntax), expecting ID in Hex
            lease list -w table          | 4   | table not supported as output format
            member add                   | 128 | member name not provided
            member add x                 | 128 | member peer urls not provided
            member add x y               | 128 | too many arguments
            member add x --peer-urls=u -w table | 4 | table not supported as output format
            member promote               | 128 | member ID is not provided
            member promote a b           | 128 | member ID is not provided
            member update 7              | 128 | member peer urls not provided
            member remove zz             | 128 | bad member ID arg (strconv.ParseUint: parsing "zz": invalid syntax), expecting ID in Hex
            get --bogus                  | 1   | unknown flag: --bogus; see axolotl ctl get --help
            bogus                        | 1   | unknown command "bogus"; see axolotl ctl --help
            """)
    void mistakesAreNamedBeforeAnythingIsSent(String line, int exitCode, String message) {
        assertThat(ctl(line.split(" "))).isEqualTo(new Ctl(exitCode, "", "Error: " + message + "\n"));
        assertThat(server.puts).isEmpty();
        assertThat(server.ranges).isEmpty();
    }

    @Test
    void serverErrorsAreShownAsTheyAre() {
        server.onPut = FakeEtcd.fail(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided");
        assertThat(ctl("put", "", "x")).isEqualTo(new Ctl(1, "", "Error: etcdserver: key is not provided\n"));
    }

    @Test
    void aWriteThatMayHaveBeenAppliedSaysSo() {
        server.onPut = FakeEtcd.fail(Status.Code.UNAVAILABLE, "etcdserver: request timed out");
        assertThat(ctl("put", "a", "b"))
                .isEqualTo(new Ctl(
                        1, "", "Error: etcdserver: request timed out (the write may or may not have been applied)\n"));
    }

    @Test
    void endpointsThatCannotBeAreRefused() {
        assertThat(Ctl.run("", "--endpoints=unix://127.0.0.1:1", "get", "a"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(128))
                .satisfies(run -> assertThat(run.err()).contains("unknown scheme unix"));
        String dead = "127.0.0.1:" + LoopbackPorts.free();
        assertThat(Ctl.run("", "--endpoints", dead, "--command-timeout=300ms", "get", "a"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(1))
                .satisfies(run -> assertThat(run.err()).contains(dead, "no endpoint could be reached"));
        assertThat(ctl("--command-timeout=x", "get", "a"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(1))
                .satisfies(run -> assertThat(run.err()).contains("--command-timeout"));
    }
}
