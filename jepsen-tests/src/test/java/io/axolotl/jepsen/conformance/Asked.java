package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.transport.NestedTransactions;
import io.axolotl.jepsen.differential.Endpoint;
import io.axolotl.jepsen.differential.TwoServers;
import io.axolotl.jepsen.process.Target;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** The server that a test asks, keys that no other test uses, and the words of the protocol in short. */
abstract class Asked {
    static final ByteString NO_END = bytes("\0");
    private static final AtomicInteger TESTS = new AtomicInteger();

    @Parameter
    Target target = Target.ETCD;

    private String prefix = "";
    private TwoServers servers = new TwoServers();

    /** The oracle first: what it refuses to confirm is no rule. */
    static Stream<Target> servers() {
        return Stream.of(Target.ETCD, Target.AXOLOTL);
    }

    @BeforeEach
    final void ask(TwoServers both) {
        assumeTrue(target.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
        servers = both;
        prefix = String.format("t%05d/", TESTS.incrementAndGet());
    }

    final Endpoint server() {
        return servers.endpoint(target);
    }

    final String clientUrl() {
        return servers.clientUrl(target);
    }

    final boolean isOracle() {
        return target == Target.ETCD;
    }

    /** What is right for this server, where the contract is newer than the oracle. */
    final <T> T differing(KnownDifference why, T oracle, T axolotl) {
        assertThat(why.reason()).isNotEmpty();
        return isOracle() ? oracle : axolotl;
    }

    static ByteString bytes(String latin1) {
        return ByteString.copyFrom(latin1, StandardCharsets.ISO_8859_1);
    }

    /** A key of this test. */
    final ByteString key(String suffix) {
        return bytes(prefix + suffix);
    }

    /** The end of the range of all keys of this test, which begins at {@code key("")}. */
    final ByteString end() {
        return bytes(prefix.replace('/', '0'));
    }

    /** The suffixes of the keys. */
    final List<String> suffixes(List<KeyValue> kvs) {
        return kvs.stream()
                .map(kv -> kv.getKey().toString(StandardCharsets.ISO_8859_1).substring(prefix.length()))
                .toList();
    }

    static List<String> values(List<KeyValue> kvs) {
        return kvs.stream()
                .map(kv -> kv.getValue().toString(StandardCharsets.ISO_8859_1))
                .toList();
    }

    final PutRequest.Builder putting(String suffix, String value) {
        return PutRequest.newBuilder().setKey(key(suffix)).setValue(bytes(value));
    }

    final PutResponse put(PutRequest.Builder put) {
        return server().kv().put(put.build());
    }

    /** @return the revision that it made */
    final long put(String suffix, String value) {
        return put(putting(suffix, value)).getHeader().getRevision();
    }

    /** All keys of this test. */
    final RangeRequest.Builder ranging() {
        return RangeRequest.newBuilder().setKey(key("")).setRangeEnd(end());
    }

    final RangeRequest.Builder ranging(String suffix) {
        return RangeRequest.newBuilder().setKey(key(suffix));
    }

    final RangeResponse range(RangeRequest.Builder range) {
        return server().kv().range(range.build());
    }

    final RangeResponse get(String suffix) {
        return range(ranging(suffix));
    }

    final DeleteRangeRequest.Builder deleting(String suffix) {
        return DeleteRangeRequest.newBuilder().setKey(key(suffix));
    }

    final DeleteRangeRequest.Builder deleting() {
        return DeleteRangeRequest.newBuilder().setKey(key("")).setRangeEnd(end());
    }

    final DeleteRangeResponse delete(DeleteRangeRequest.Builder delete) {
        return server().kv().deleteRange(delete.build());
    }

    final TxnResponse txn(TxnRequest.Builder txn) {
        return ClientCalls.blockingUnaryCall(
                server().channel(),
                NestedTransactions.method(),
                CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
                txn.build());
    }

    final CompactionResponse compact(long revision) {
        return server().kv()
                .compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }

    /** The store's revision now. */
    final long revision() {
        return get("none").getHeader().getRevision();
    }

    static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    static RequestOp op(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    static RequestOp op(DeleteRangeRequest.Builder delete) {
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }

    static RequestOp op(TxnRequest.Builder txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    final Compare.Builder comparing(String suffix, Compare.CompareResult result) {
        return Compare.newBuilder().setKey(key(suffix)).setResult(result);
    }

    final void refused(ContractError error, ThrowingCallable call) {
        refused(error.code(), error.text(), call);
    }

    final void refused(Status.Code code, String text, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, refusal -> {
            assertThat(refusal.getStatus().getDescription()).isEqualTo(text);
            assertThat(refusal.getStatus().getCode()).isEqualTo(code);
        });
    }
}
