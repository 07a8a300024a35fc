package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.axolotl.client.GetOptions.SortOrder;
import io.axolotl.client.GetOptions.SortTarget;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("A.2: requests and results, field by field, over the wire")
final class WireTest {
    private final FakeEtcd server = FakeEtcd.start(1);
    private final AxolotlClient client =
            AxolotlClient.builder().endpoints(server.endpoint()).build();

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static final io.axolotl.client.proto.KeyValue STORED = io.axolotl.client.proto.KeyValue.newBuilder()
            .setKey(bytes("k"))
            .setCreateRevision(2)
            .setModRevision(3)
            .setVersion(4)
            .setValue(bytes("v"))
            .setLease(5)
            .build();

    private static final KeyValue READ = new KeyValue(Bytes.of("k"), 2, 3, 4, Bytes.of("v"), 5);

    @Test
    void putCarriesItsOptionsAndReturnsWhatWasThere() {
        server.onPut = FakeEtcd.ok(request -> PutResponse.newBuilder()
                .setHeader(server.header())
                .setPrevKv(STORED)
                .build());
        PutResult result = client.kv()
                .put(
                        Bytes.of("k"),
                        Bytes.of("v"),
                        PutOptions.DEFAULT.withLease(9).withPrevious(true))
                .await();
        assertThat(result).isEqualTo(new PutResult(new Header(1, 1, 7, 5), Optional.of(READ)));
        client.kv()
                .put(
                        Bytes.of("k"),
                        Bytes.EMPTY,
                        PutOptions.DEFAULT.withKeepValue(true).withKeepLease(true))
                .await();
        assertThat(server.puts)
                .containsExactly(
                        PutRequest.newBuilder()
                                .setKey(bytes("k"))
                                .setValue(bytes("v"))
                                .setLease(9)
                                .setPrevKv(true)
                                .build(),
                        PutRequest.newBuilder()
                                .setKey(bytes("k"))
                                .setIgnoreValue(true)
                                .setIgnoreLease(true)
                                .build());
    }

    @Test
    void getCarriesEveryOption() {
        server.onRange = FakeEtcd.ok(request -> RangeResponse.newBuilder()
                .setHeader(server.header())
                .addKvs(STORED)
                .setMore(true)
                .setCount(8)
                .build());
        GetOptions options = GetOptions.DEFAULT
                .withLimit(1)
                .withRevision(2)
                .withSort(SortTarget.MOD, SortOrder.DESCEND)
                .withSerializable(true)
                .withKeysOnly(true)
                .withCountOnly(true)
                .withFilter(new GetOptions.Filter(3, 4, 5, 6));
        GetResult result = client.kv().get(KeyRange.prefix("ab"), options).await();
        assertThat(result).isEqualTo(new GetResult(new Header(1, 1, 7, 5), List.of(READ), true, 8));
        assertThat(server.ranges)
                .containsExactly(RangeRequest.newBuilder()
                        .setKey(bytes("ab"))
                        .setRangeEnd(bytes("ac"))
                        .setLimit(1)
                        .setRevision(2)
                        .setSortOrder(RangeRequest.SortOrder.DESCEND)
                        .setSortTarget(RangeRequest.SortTarget.MOD)
                        .setSerializable(true)
                        .setKeysOnly(true)
                        .setCountOnly(true)
                        .setMinModRevision(3)
                        .setMaxModRevision(4)
                        .setMinCreateRevision(5)
                        .setMaxCreateRevision(6)
                        .build());
    }

    @Test
    void aPlainGetIsLinearizableAndBare() {
        client.kv().get("k").await();
        assertThat(server.ranges)
                .containsExactly(RangeRequest.newBuilder().setKey(bytes("k")).build());
    }

    @Test
    void everySortWordOfOursIsOneOfTheWire() {
        for (SortTarget target : SortTarget.values()) {
            for (SortOrder order : SortOrder.values()) {
                RangeRequest request = Wire.range(KeyRange.all(), GetOptions.DEFAULT.withSort(target, order));
                assertThat(request.getSortTarget()).hasToString(target.name());
                assertThat(request.getSortOrder()).hasToString(order.name());
            }
        }
    }

    @Test
    void deleteReturnsWhatItRemoved() {
        server.onDelete = FakeEtcd.ok(request -> DeleteRangeResponse.newBuilder()
                .setHeader(server.header())
                .setDeleted(1)
                .addPrevKvs(STORED)
                .build());
        DeleteResult result = client.kv()
                .delete(KeyRange.from(Bytes.of("k")), DeleteOptions.DEFAULT.withPrevious(true))
                .await();
        assertThat(result).isEqualTo(new DeleteResult(new Header(1, 1, 7, 5), 1, List.of(READ)));
        assertThat(server.deletes)
                .containsExactly(DeleteRangeRequest.newBuilder()
                        .setKey(bytes("k"))
                        .setRangeEnd(ByteString.copyFrom(new byte[1]))
                        .setPrevKv(true)
                        .build());
    }

    @Test
    void theTransactionBuilderWritesExactlyThisRequest() throws Exception {
        client.kv()
                .txn()
                .when(
                        Compare.createRevision("a").equalTo(0),
                        Compare.modRevision("b").lessThan(9),
                        Compare.version("c").greaterThan(1),
                        Compare.lease("d").notEqualTo(7))
                .when(
                        Compare.value("e").equalTo("x"),
                        new Compare.OfNumber(KeyRange.prefix("p"), Compare.Target.MOD).lessThan(5))
                .then(Op.put("a", "1"), Op.get(KeyRange.prefix("a")), Op.delete("z"))
                .otherwise(client.kv()
                        .txn()
                        .when(Compare.value("e").notEqualTo("y"))
                        .then(Op.get("e"))
                        .otherwise(Op.put("e", "2"))
                        .asOp())
                .commit()
                .await();
        assertThat(server.txns).containsExactly(TextFormat.parse("""
                compare { result: EQUAL    target: CREATE  key: "a" create_revision: 0 }
                compare { result: LESS     target: MOD     key: "b" mod_revision: 9 }
                compare { result: GREATER  target: VERSION key: "c" version: 1 }
                compare { result: NOT_EQUAL target: LEASE  key: "d" lease: 7 }
                compare { result: EQUAL    target: VALUE   key: "e" value: "x" }
                compare { result: LESS     target: MOD     key: "p" range_end: "q" mod_revision: 5 }
                success { request_put { key: "a" value: "1" } }
                success { request_range { key: "a" range_end: "b" } }
                success { request_delete_range { key: "z" } }
                failure { request_txn {
                  compare { result: NOT_EQUAL target: VALUE key: "e" value: "y" }
                  success { request_range { key: "e" } }
                  failure { request_put { key: "e" value: "2" } }
                } }
                """, TxnRequest.class));
    }

    @Test
    @DisplayName("HD-4: results inside a transaction have a header with a revision only")
    void theResultsOfATransactionStandInTheOrderOfItsOperations() {
        ResponseHeader inner = ResponseHeader.newBuilder().setRevision(8).build();
        server.onTxn = FakeEtcd.ok(request -> TxnResponse.newBuilder()
                .setHeader(server.header())
                .setSucceeded(true)
                .addResponses(ResponseOp.newBuilder()
                        .setResponsePut(PutResponse.newBuilder().setHeader(inner)))
                .addResponses(ResponseOp.newBuilder()
                        .setResponseRange(RangeResponse.newBuilder()
                                .setHeader(inner)
                                .addKvs(STORED)
                                .setCount(1)))
                .addResponses(ResponseOp.newBuilder()
                        .setResponseDeleteRange(DeleteRangeResponse.newBuilder()
                                .setHeader(inner)
                                .setDeleted(2)))
                .addResponses(ResponseOp.newBuilder().setResponseTxn(TxnResponse.getDefaultInstance()))
                .build());
        Header revisionOnly = new Header(0, 0, 8, 0);
        assertThat(client.kv().txn().then(Op.put("k", "v")).commit().await())
                .isEqualTo(new TxnResult(
                        new Header(1, 1, 7, 5),
                        true,
                        List.of(
                                new PutResult(revisionOnly, Optional.empty()),
                                new GetResult(revisionOnly, List.of(READ), false, 1),
                                new DeleteResult(revisionOnly, 2, List.of()),
                                new TxnResult(new Header(0, 0, 0, 0), false, List.of()))));
    }

    @Test
    void anAnswerThatMakesNoSenseLeavesAWriteUnknown() {
        server.onTxn = FakeEtcd.ok(request -> TxnResponse.newBuilder()
                .addResponses(ResponseOp.getDefaultInstance())
                .build());
        assertThat(client.kv().txn().then(Op.put("k", "v")).commit().awaitOutcome())
                .isInstanceOf(Outcome.Unknown.class);
    }

    @Test
    void compactSaysWhetherToWait() {
        client.kv().compact(3).await();
        client.kv().compact(4, true).await();
        assertThat(server.compactions)
                .extracting(request -> request.getRevision())
                .containsExactly(3L, 4L);
        assertThat(server.compactions)
                .extracting(request -> request.getPhysical())
                .containsExactly(false, true);
    }

    @Test
    @DisplayName("CL-4: members are confirmed by a quorum unless asked otherwise")
    void membersAndStatusAreTyped() {
        server.onMembers = FakeEtcd.ok(request -> MemberListResponse.newBuilder()
                .setHeader(server.header())
                .addMembers(io.axolotl.client.proto.Member.newBuilder()
                        .setID(-1)
                        .addPeerURLs("http://p")
                        .setIsLearner(true))
                .build());
        MembersResult members = client.cluster().members().await();
        assertThat(members.members()).containsExactly(new Member(-1, "", List.of("http://p"), List.of(), true));
        assertThat(members.members().get(0).isStarted()).isFalse();
        client.cluster().members(false).await();
        assertThat(server.memberLists)
                .extracting(request -> request.getLinearizable())
                .containsExactly(true, false);

        StatusResult status = client.maintenance().status(server.endpoint()).await();
        assertThat(status.isLeader()).isTrue();
        assertThat(status.version()).isEqualTo("3.6.14");
        assertThat(status.dbSizeBytes()).isEqualTo(24_576);
        assertThat(status.dbSizeInUseBytes()).isEqualTo(20_480);
        assertThat(status.raftIndex()).isEqualTo(31);
        assertThat(status.raftAppliedIndex()).isEqualTo(30);
        server.leaderId = 0;
        assertThat(client.maintenance().status(server.endpoint()).await().isLeader())
                .isFalse();
    }
}
