package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.assertRefused;
import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static io.axolotl.server.api.Edge.range;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.transport.NestedTransactions;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.http.ClientPort;
import io.axolotl.server.http.HttpLimits;
import io.axolotl.storage.command.CommandCodec;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Transactions over a real connection (B.5). */
class TxnTest {
    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    @DisplayName("HD-4: inner headers carry the revision alone; that of a nested transaction is present and empty")
    void innerHeadersArePresent() {
        TxnResponse response = edge.kv.txn(TxnRequest.newBuilder()
                .addSuccess(get("k"))
                .addSuccess(putOp("k"))
                .addSuccess(get("k"))
                .addSuccess(deleteOp("absent", ""))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder().addSuccess(get("k"))))
                .build());

        assertThat(response.getHeader().getMemberId()).isEqualTo(FakeNode.SELF.value());
        assertThat(response.getHeader().getRevision()).isEqualTo(2);
        assertThat(response.getSucceeded()).isTrue();
        assertThat(response.getResponses(0).getResponseRange().getHeader()).isEqualTo(onlyRevision(1));
        assertThat(response.getResponses(1).getResponsePut().getHeader()).isEqualTo(onlyRevision(2));
        assertThat(response.getResponses(2).getResponseRange().getHeader()).isEqualTo(onlyRevision(2));
        assertThat(response.getResponses(3).getResponseDeleteRange().getHeader())
                .isEqualTo(onlyRevision(2));
        assertThat(response.getResponses(4).getResponseTxn().hasHeader()).isTrue();
        assertThat(response.getResponses(4).getResponseTxn().getHeader())
                .isEqualTo(ResponseHeader.getDefaultInstance());
        assertThat(response.getResponses(4)
                        .getResponseTxn()
                        .getResponses(0)
                        .getResponseRange()
                        .getKvsCount())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("TX-2, TX-4: targets reach the store; a value of another kind than the target counts as zero")
    void comparesTravel() {
        edge.kv.put(put("k", "v"));

        assertThat(succeeds(compare(Compare.CompareTarget.VERSION).setVersion(1)))
                .isTrue();
        assertThat(succeeds(compare(Compare.CompareTarget.CREATE).setCreateRevision(2)))
                .isTrue();
        assertThat(succeeds(compare(Compare.CompareTarget.MOD).setModRevision(2)))
                .isTrue();
        assertThat(succeeds(compare(Compare.CompareTarget.VALUE).setValue(bytes("v"))))
                .isTrue();
        assertThat(succeeds(compare(Compare.CompareTarget.LEASE).setLease(0))).isTrue();
        assertThat(succeeds(compare(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.GREATER)
                        .setModRevision(1)))
                .isTrue();
        assertThat(succeeds(compare(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.LESS)
                        .setModRevision(2)))
                .isFalse();
        assertThat(succeeds(compare(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.NOT_EQUAL)
                        .setModRevision(2)))
                .isFalse();
        assertThat(succeeds(compare(Compare.CompareTarget.VERSION).setModRevision(1)))
                .as("no version is given, so 0 is compared")
                .isFalse();
        assertThat(succeeds(compare(Compare.CompareTarget.VERSION)
                        .setRangeEnd(bytes("l"))
                        .setVersion(1)))
                .isTrue();
    }

    @Test
    @DisplayName("TX-7: 128 operations pass, 129 do not, in any of the three lists")
    void theNumberOfOperationsIsLimited() {
        assertThat(edge.kv.txn(puts(Edge.MAX_TXN_OPS).build()).getResponsesCount())
                .isEqualTo(Edge.MAX_TXN_OPS);
        assertRefused(EtcdError.TOO_MANY_OPERATIONS, () -> edge.kv.txn(puts(129).build()));

        TxnRequest.Builder failures = TxnRequest.newBuilder();
        TxnRequest.Builder compares = TxnRequest.newBuilder();
        for (int i = 0; i < 129; i++) {
            failures.addFailure(get("k"));
            compares.addCompare(compare(Compare.CompareTarget.MOD));
        }
        assertRefused(EtcdError.TOO_MANY_OPERATIONS, () -> edge.kv.txn(failures.build()));
        assertRefused(EtcdError.TOO_MANY_OPERATIONS, () -> edge.kv.txn(compares.build()));
    }

    @Test
    @DisplayName("TX-7: a nested transaction has what its parents have left")
    void nestedOperationsShareTheLimit() {
        assertThat(edge.kv.txn(puts(28).addSuccess(nested(puts(99))).build()).getSucceeded())
                .isTrue();
        assertRefused(
                EtcdError.TOO_MANY_OPERATIONS,
                () -> edge.kv.txn(puts(28).addSuccess(nested(puts(100))).build()));
    }

    @Test
    @DisplayName(
            "TX-7: transactions may lie 128 deep inside each other; one more is refused, and far too many cannot be read")
    void theDepthIsLimited() {
        TxnResponse at =
                txn(deep(CommandCodec.MAX_DEPTH, TxnRequest.newBuilder().addSuccess(putOp("k"))));
        for (int depth = 1; depth < CommandCodec.MAX_DEPTH; depth++) {
            at = at.getResponses(0).getResponseTxn();
        }
        assertThat(at.getResponses(0).getResponsePut().getHeader().getRevision())
                .isEqualTo(2);
        assertRefused(
                EtcdError.TOO_MANY_OPERATIONS,
                () -> txn(
                        deep(CommandCodec.MAX_DEPTH + 1, TxnRequest.newBuilder().addSuccess(putOp("k")))));
        assertRefused(EtcdError.TOO_DEEP, () -> txn(deep(CommandCodec.MAX_DEPTH + 1, TxnRequest.newBuilder())));
        for (int depth : new int[] {300, 100_000}) {
            assertRefused(
                    Status.Code.INTERNAL,
                    "grpc: error unmarshalling request",
                    () -> ClientCalls.blockingUnaryCall(edge.channel, OF_BYTES, CallOptions.DEFAULT, wireOf(depth)));
        }
        assertThat(edge.kv.range(range("k").build()).getKvs(0).getVersion()).isEqualTo(1);
    }

    private TxnResponse txn(TxnRequest request) {
        return ClientCalls.blockingUnaryCall(edge.channel, NestedTransactions.method(), CallOptions.DEFAULT, request);
    }

    private static TxnRequest deep(int depth, TxnRequest.Builder innermost) {
        TxnRequest.Builder txn = innermost;
        for (int level = 1; level < depth; level++) {
            txn = TxnRequest.newBuilder().addSuccess(nested(txn));
        }
        return txn.build();
    }

    private static final MethodDescriptor<byte[], byte[]> OF_BYTES = KVGrpc.getTxnMethod().toBuilder(
                    ByteMarshaller.INSTANCE, ByteMarshaller.INSTANCE)
            .build();

    private enum ByteMarshaller implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** So deep that the client could not write it as messages: field 2 of a TxnRequest, field 4 of a RequestOp, and so on. */
    private static byte[] wireOf(int depth) {
        byte[] reversed = new byte[depth * 12];
        int size = 0;
        for (int level = 1; level < depth; level++) {
            for (int tag : new int[] {0x22, 0x12}) {
                ByteString length = varint(size);
                for (int at = length.size() - 1; at >= 0; at--) {
                    reversed[size++] = length.byteAt(at);
                }
                reversed[size++] = (byte) tag;
            }
        }
        byte[] wire = new byte[size];
        for (int at = 0; at < size; at++) {
            wire[at] = reversed[size - 1 - at];
        }
        return wire;
    }

    private static ByteString varint(int number) {
        ByteString.Output bytes = ByteString.newOutput();
        int left = number;
        while (left >= 0x80) {
            bytes.write((left & 0x7f) | 0x80);
            left >>>= 7;
        }
        bytes.write(left);
        return bytes.toByteString();
    }

    @Test
    @DisplayName("TX-7, TX-8: the number is checked before the keys, compares before operations")
    void rulesAreCheckedInTheContractsOrder() {
        TxnRequest.Builder tooMany = puts(129);
        tooMany.setSuccess(0, putOp(""));
        assertRefused(EtcdError.TOO_MANY_OPERATIONS, () -> edge.kv.txn(tooMany.build()));

        PutRequest.Builder badPut =
                PutRequest.newBuilder().setKey(bytes("k")).setIgnoreValue(true).setValue(bytes("v"));
        TxnRequest.Builder both = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder())
                .addSuccess(RequestOp.newBuilder().setRequestPut(badPut));
        assertRefused(EtcdError.EMPTY_KEY, () -> edge.kv.txn(both.build()));
        assertRefused(
                EtcdError.VALUE_PROVIDED, () -> edge.kv.txn(both.clearCompare().build()));
    }

    @Test
    @DisplayName("TX-8: each operation is checked as by itself, on every level")
    void operationsAreCheckedAsByThemselves() {
        assertRefused(EtcdError.EMPTY_KEY, () -> edge.kv.txn(success(get(""))));
        assertRefused(EtcdError.EMPTY_KEY, () -> edge.kv.txn(success(deleteOp("", ""))));
        assertRefused(EtcdError.KEY_NOT_FOUND, () -> edge.kv.txn(success(RequestOp.getDefaultInstance())));
        assertRefused(
                EtcdError.INVALID_SORT_OPTION,
                () -> edge.kv.txn(success(RequestOp.newBuilder()
                        .setRequestRange(range("k").setSortTargetValue(77))
                        .build())));
        assertRefused(
                EtcdError.KEY_NOT_FOUND,
                () -> edge.kv.txn(success(nested(TxnRequest.newBuilder().addFailure(RequestOp.getDefaultInstance())))));
        assertRefused(
                EtcdError.INVALID_COMPARE,
                () -> edge.kv.txn(TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder().setKey(bytes("k")).setTargetValue(9))
                        .build()));
    }

    @Test
    @DisplayName("TX-9: two puts of a key, or a put into a deleted range, but not in branches that exclude each other")
    void duplicateKeysAreRefused() {
        assertRefused(EtcdError.DUPLICATE_KEY, () -> edge.kv.txn(success(putOp("k"), putOp("k"))));
        assertRefused(EtcdError.DUPLICATE_KEY, () -> edge.kv.txn(success(putOp("k"), deleteOp("a", "z"))));
        assertRefused(EtcdError.DUPLICATE_KEY, () -> edge.kv.txn(success(deleteOp("k", ""), putOp("k"))));
        assertRefused(
                EtcdError.DUPLICATE_KEY,
                () -> edge.kv.txn(success(nested(TxnRequest.newBuilder().addFailure(putOp("k"))), putOp("k"))));

        assertThat(edge.kv
                        .txn(success(deleteOp("a", "m"), deleteOp("g", "z"), putOp("z")))
                        .getSucceeded())
                .isTrue();
        assertThat(edge.kv
                        .txn(TxnRequest.newBuilder()
                                .addSuccess(putOp("k"))
                                .addFailure(putOp("k"))
                                .build())
                        .getSucceeded())
                .isTrue();
        assertThat(edge.kv
                        .txn(success(nested(
                                TxnRequest.newBuilder().addSuccess(putOp("k")).addFailure(deleteOp("k", "")))))
                        .getSucceeded())
                .isTrue();
    }

    @Test
    @DisplayName("TX-11: a transaction of ranges alone never enters the log")
    void readOnlyTransactionsAreReads() {
        edge.kv.put(put("k", "v"));
        int proposals = edge.node.proposals.get();

        TxnResponse response = edge.kv.txn(TxnRequest.newBuilder()
                .addCompare(compare(Compare.CompareTarget.MOD).setModRevision(2))
                .addSuccess(get("k"))
                .addFailure(get("other"))
                .build());

        assertThat(response.getResponses(0).getResponseRange().getKvsCount()).isEqualTo(1);
        assertThat(response.getHeader().getRevision()).isEqualTo(2);
        assertThat(edge.node.proposals).hasValue(proposals);
        assertThat(edge.node.barriers).hasValue(1);
    }

    @Test
    @DisplayName("TX-11: it is serializable only if all its ranges are; without any operation it is linearizable here")
    void readOnlyTransactionsAreLinearizableUnlessAllRangesSayOtherwise() {
        edge.node.barrierFailure = Failure.NO_LEADER;
        RequestOp local = RequestOp.newBuilder()
                .setRequestRange(range("k").setSerializable(true))
                .build();

        assertThat(edge.kv
                        .txn(TxnRequest.newBuilder()
                                .addSuccess(local)
                                .addFailure(local)
                                .build())
                        .getSucceeded())
                .isTrue();
        assertRefused(
                EtcdError.NO_LEADER,
                () -> edge.kv.txn(TxnRequest.newBuilder()
                        .addSuccess(local)
                        .addFailure(get("k"))
                        .build()));
        assertRefused(EtcdError.NO_LEADER, () -> edge.kv.txn(TxnRequest.getDefaultInstance()));
    }

    @Test
    @DisplayName("TX-10: a range of a read-only transaction at a future revision fails all of it")
    void aRevisionThatIsNotThereFailsTheTransaction() {
        assertRefused(
                EtcdError.FUTURE_REVISION,
                () -> edge.kv.txn(success(
                        get("k"),
                        RequestOp.newBuilder()
                                .setRequestRange(range("k").setRevision(100))
                                .build())));
    }

    @Test
    @DisplayName("QU-1: the larger branch counts, nested puts included; without puts there is no cost")
    void theQuotaLooksAtTheLargerBranch() {
        try (Edge small = new Edge(64 * 1024, HttpLimits.DEFAULT, ClientPort.Settings.PERMIT_KEEP_ALIVE)) {
            RequestOp large = RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder()
                            .setKey(bytes("k"))
                            .setValue(ByteString.copyFrom(new byte[64 * 1024])))
                    .build();
            assertRefused(
                    EtcdError.NO_SPACE,
                    () -> small.kv.txn(TxnRequest.newBuilder().addFailure(large).build()));
            assertRefused(
                    EtcdError.NO_SPACE,
                    () -> small.kv.txn(success(nested(TxnRequest.newBuilder().addSuccess(large)))));
            assertThat(small.kv.txn(success(deleteOp("k", ""))).getSucceeded()).isTrue();
        }
    }

    private boolean succeeds(Compare.Builder compare) {
        return edge.kv.txn(TxnRequest.newBuilder().addCompare(compare).build()).getSucceeded();
    }

    private static Compare.Builder compare(Compare.CompareTarget target) {
        return Compare.newBuilder().setKey(bytes("k")).setTarget(target);
    }

    private static TxnRequest success(RequestOp... ops) {
        return TxnRequest.newBuilder().addAllSuccess(java.util.List.of(ops)).build();
    }

    private static TxnRequest.Builder puts(int count) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < count; i++) {
            txn.addSuccess(putOp("key" + count + "-" + i));
        }
        return txn;
    }

    private static RequestOp nested(TxnRequest.Builder txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    private static RequestOp get(String key) {
        return RequestOp.newBuilder().setRequestRange(range(key)).build();
    }

    private static RequestOp putOp(String key) {
        return RequestOp.newBuilder().setRequestPut(put(key, "v")).build();
    }

    private static RequestOp deleteOp(String key, String end) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)))
                .build();
    }

    private static ResponseHeader onlyRevision(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }
}
