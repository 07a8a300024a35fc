package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.TxnRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

/** Part D of the contract, one below and one above each limit; the number of operations is in {@link TxnRulesTest}. */
@AskedOfBoth
final class LimitRulesTest extends Asked {
    private static final int MAX_REQUEST_BYTES = 3 << 19;
    /** What the server's gRPC takes beyond that. */
    private static final int MAX_MESSAGE_BYTES = MAX_REQUEST_BYTES + (512 << 10);

    /** A put that is this many bytes on the wire. */
    private PutRequest.Builder putOf(int wireBytes) {
        PutRequest.Builder put = putting("a", "");
        int overhead = wireBytes - 10 - put.build().getSerializedSize();
        put.setValue(bytes("x".repeat(overhead)));
        while (put.build().getSerializedSize() < wireBytes) {
            put.setValue(put.getValue().concat(bytes("x")));
        }
        assertThat(put.build().getSerializedSize()).isEqualTo(wireBytes);
        return put;
    }

    @Test
    @Contract(value = "D-1", errors = ContractError.REQUEST_TOO_LARGE)
    void requestMayFillAllButTheFrameOfItsLogEntry() {
        // etcd's own entry adds less than this to a request; how much exactly depends on its ids.
        put(putOf(MAX_REQUEST_BYTES - 64));
        refused(ContractError.REQUEST_TOO_LARGE, () -> put(putOf(MAX_REQUEST_BYTES + 1)));
        refused(
                ContractError.REQUEST_TOO_LARGE,
                () -> txn(TxnRequest.newBuilder().addSuccess(op(putOf(MAX_REQUEST_BYTES + 1)))));
        assertThat(get("a").getKvs(0).getVersion()).isEqualTo(1);
    }

    @Test
    @Contract("D-2")
    void messageBeyondWhatGrpcTakesIsRefusedByGrpc() {
        refused(ContractError.REQUEST_TOO_LARGE, () -> put(putOf(MAX_MESSAGE_BYTES)));
        assertThatThrownBy(() -> put(putOf(MAX_MESSAGE_BYTES + 1)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refusal -> assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }
}
