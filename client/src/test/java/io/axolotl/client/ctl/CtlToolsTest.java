package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.axolotl.client.FakeEtcd;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberRemoveResponse;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is not about keys and members one by one: the environment, the form of bytes, help, and the tools of etcdctl. */
@Timeout(60)
final class CtlToolsTest {
    private final FakeEtcd server = FakeEtcd.start(0xa7fd0b7339b33c43L);

    @AfterEach
    void close() {
        server.close();
    }

    private Ctl ctl(String... args) {
        return Ctl.run(server, "", args);
    }

    @Test
    @DisplayName(
            "only global flags come from the environment: ETCDCTL_PREFIX must not turn del of a key into del of a prefix")
    void whatACommandDoesIsNotInTheEnvironment() {
        Map<String, String> environment = Map.of(
                "ETCDCTL_ENDPOINTS", server.endpoint(),
                "ETCDCTL_PREFIX", "true",
                "ETCDCTL_VERSION", "3",
                "ETCDCTL_WRITE_OUT", "fields");
        assertThat(Ctl.run(environment, "", "del", "k")).isEqualTo(new Ctl(0, """
                "ClusterID" : 1
                "MemberID" : 12104843962958953539
                "Revision" : 7
                "RaftTerm" : 5
                "Deleted" : 0
                """, ""));
        assertThat(server.deletes)
                .singleElement()
                .satisfies(delete -> assertThat(delete.getRangeEnd().isEmpty()).isTrue());
    }

    private byte[] protobuf(String in, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of("--endpoints=" + server.endpoint(), "-w", "protobuf"));
        all.addAll(List.of(args));
        int exitCode = CtlMain.run(
                all.toArray(String[]::new),
                Map.of(),
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                System.err);
        assertThat(exitCode).isZero();
        return out.toByteArray();
    }

    @Test
    @DisplayName("-w protobuf is the message that the member sent")
    void protobufIsTheMessageOfTheApi() throws Exception {
        PutResponse put = PutResponse.newBuilder()
                .setHeader(server.header())
                .setPrevKv(CtlMainTest.stored("a", "1"))
                .build();
        server.onPut = FakeEtcd.ok(request -> put);
        assertThat(PutResponse.parseFrom(protobuf("", "put", "a", "2", "--prev-kv")))
                .isEqualTo(put);
        DeleteRangeResponse delete = DeleteRangeResponse.newBuilder()
                .setHeader(server.header())
                .setDeleted(1)
                .addPrevKvs(CtlMainTest.stored("a", "1"))
                .build();
        server.onDelete = FakeEtcd.ok(request -> delete);
        assertThat(DeleteRangeResponse.parseFrom(protobuf("", "del", "a", "--prev-kv")))
                .isEqualTo(delete);
        TxnResponse txn = TxnResponse.newBuilder()
                .setHeader(server.header())
                .setSucceeded(true)
                .addResponses(ResponseOp.newBuilder().setResponsePut(put))
                .addResponses(ResponseOp.newBuilder()
                        .setResponseRange(RangeResponse.newBuilder()
                                .setHeader(server.header())
                                .addKvs(CtlMainTest.stored("k", "2"))
                                .setMore(true)
                                .setCount(3)))
                .addResponses(ResponseOp.newBuilder().setResponseDeleteRange(delete))
                .build();
        server.onTxn = FakeEtcd.ok(request -> txn);
        assertThat(TxnResponse.parseFrom(protobuf("\nput a 1\nget k\ndel a\n\n\n", "txn")))
                .isEqualTo(txn);
        MemberAddResponse added = MemberAddResponse.newBuilder()
                .setHeader(server.header())
                .setMember(
                        Member.newBuilder().setID(-2).addPeerURLs("http://c:1").setIsLearner(true))
                .addMembers(Member.newBuilder()
                        .setID(1)
                        .setName("n1")
                        .addPeerURLs("http://a:1")
                        .addClientURLs("http://a:2"))
                .build();
        server.onMemberAdd = FakeEtcd.ok(request -> added);
        assertThat(MemberAddResponse.parseFrom(protobuf("", "member", "add", "x", "--peer-urls=http://c:1")))
                .isEqualTo(added);
        MemberRemoveResponse removed = MemberRemoveResponse.newBuilder()
                .setHeader(server.header())
                .addAllMembers(added.getMembersList())
                .build();
        server.onMemberRemove = FakeEtcd.ok(request -> removed);
        assertThat(MemberRemoveResponse.parseFrom(protobuf("", "member", "remove", "1")))
                .isEqualTo(removed);
    }

    @Test
    void whatHasNoSenseHereIsRefusedWithTheReason() {
        assertThat(ctl("migrate", "--data-dir=x").err()).contains("make-mirror");
        assertThat(ctl("completion", "zsh").err()).contains("completion/axolotl.bash");
        assertThat(ctl("defrag", "--data-dir=x").err()).contains("start the member");
        assertThat(ctl("get", "a", "--discovery-srv=example.com").err()).contains("--endpoints");
        assertThat(ctl("migrate").exitCode()).isEqualTo(128);
        assertThat(server.ranges).isEmpty();
    }

    @Test
    void groupsAndHelpExplainThemselves() {
        assertThat(ctl("lease").exitCode()).isZero();
        assertThat(ctl("lease").out()).contains("keep-alive");
        assertThat(ctl().out()).contains("make-mirror", "shell");
        assertThat(ctl("help", "endpoint", "status").out()).contains("ctl endpoint status");
        assertThat(ctl("help", "nonsense").err()).contains("there is no command \"nonsense\"");
        assertThat(ctl("version").out()).startsWith("axolotl ctl ");
    }

    @Test
    void debugTellsWhatConnectionsDo() {
        assertThat(ctl("get", "a", "--debug").err()).contains("io.grpc");
        assertThat(ctl("get", "a").err()).isEmpty();
    }

    @Test
    @DisplayName("check perf writes at its rate, judges, and removes what it wrote; it touches no keys of others")
    void checkPerfJudges() {
        Ctl run = ctl("check", "perf", "--duration=100ms", "--load=m", "--auto-compact");
        assertThat(run.out()).contains("Throughput ", " writes/s\n", "Stddev ", "Compacting with revision 7\n");
        assertThat(server.puts).hasSize(100).allSatisfy(put -> {
            assertThat(put.getKey().toStringUtf8()).startsWith("/etcdctl-check-perf/");
            assertThat(put.getValue().size()).isEqualTo(1024);
        });
        assertThat(server.deletes)
                .singleElement()
                .satisfies(delete -> assertThat(delete.getKey().toStringUtf8()).isEqualTo("/etcdctl-check-perf/"));
        server.onPut = FakeEtcd.fail(Status.Code.FAILED_PRECONDITION, "no room");
        Ctl refused = ctl("check", "perf", "--duration=20ms", "--load=m");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).contains("FAIL: ERROR(no room) -> 20\n").endsWith("FAIL\n");
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .addKvs(CtlMainTest.stored("/etcdctl-check-perf/old", "1"))
                .setCount(1)
                .build());
        assertThat(ctl("check", "perf").exitCode()).isEqualTo(3);
    }

    @Test
    @DisplayName("make-mirror copies what is there at one revision, then each later revision in one transaction")
    void mirrorsFollow() {
        server.onRange = FakeEtcd.inTurn(
                FakeEtcd.ok(request -> RangeResponse.newBuilder()
                        .setHeader(server.header())
                        .addKvs(CtlMainTest.stored("a/1", "x"))
                        .setMore(true)
                        .setCount(2)
                        .build()),
                FakeEtcd.ok(request -> RangeResponse.newBuilder()
                        .setHeader(server.header().toBuilder().setRevision(9))
                        .addKvs(CtlMainTest.stored("a/2", "y"))
                        .setCount(2)
                        .build()));
        server.onWatch = (request, observer) -> {
            observer.onNext(WatchResponse.newBuilder()
                    .setHeader(server.header())
                    .setCreated(true)
                    .build());
            observer.onNext(WatchResponse.newBuilder()
                    .setHeader(server.header())
                    .addEvents(Event.newBuilder()
                            .setKv(CtlMainTest.stored("a/3", "z").toBuilder().setModRevision(8)))
                    .addEvents(Event.newBuilder()
                            .setKv(CtlMainTest.stored("a/4", "z").toBuilder().setModRevision(8)))
                    .addEvents(Event.newBuilder()
                            .setType(Event.EventType.DELETE)
                            .setKv(CtlMainTest.stored("a/1", "").toBuilder().setModRevision(9)))
                    .build());
            observer.onNext(WatchResponse.newBuilder()
                    .setHeader(server.header())
                    .setCanceled(true)
                    .setCompactRevision(20)
                    .build());
        };
        try (FakeEtcd mirror = FakeEtcd.start(2)) {
            Ctl run = ctl("make-mirror", mirror.endpoint(), "--prefix=a/", "--dest-prefix=b/");
            assertThat(run)
                    .isEqualTo(new Ctl(1, "", "Error: etcdserver: mvcc: required revision has been compacted\n"));
            assertThat(server.ranges)
                    .extracting(range -> range.getKey().toStringUtf8(), RangeRequest::getRevision)
                    .containsExactly(tuple("a/", 0L), tuple("a/1\0", 7L));
            assertThat(server.watches)
                    .singleElement()
                    .satisfies(watch -> assertThat(watch.getCreateRequest().getStartRevision())
                            .isEqualTo(8));
            assertThat(mirror.txns)
                    .extracting(txn -> txn.getSuccessList().stream()
                            .map(op -> op.hasRequestPut()
                                    ? "put " + op.getRequestPut().getKey().toStringUtf8()
                                    : "del "
                                            + op.getRequestDeleteRange()
                                                    .getKey()
                                                    .toStringUtf8())
                            .toList())
                    .containsExactly(
                            List.of("put b/1"), List.of("put b/2"), List.of("put b/3", "put b/4"), List.of("del b/1"));
        }
    }

    @Test
    @DisplayName("make-mirror copies large values in transactions that a server takes")
    void mirrorsAreCopiedInPieces() {
        String large = "x".repeat(700_000);
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .addKvs(CtlMainTest.stored("a", large))
                .addKvs(CtlMainTest.stored("b", large))
                .addKvs(CtlMainTest.stored("c", "small"))
                .setCount(3)
                .build());
        server.onWatch = (request, observer) -> observer.onNext(WatchResponse.newBuilder()
                .setHeader(server.header())
                .setCanceled(true)
                .setCompactRevision(20)
                .build());
        try (FakeEtcd mirror = FakeEtcd.start(2)) {
            assertThat(ctl("make-mirror", mirror.endpoint()).exitCode()).isEqualTo(1);
            assertThat(mirror.txns).extracting(txn -> txn.getSuccessCount()).containsExactly(1, 2);
        }
    }
}
