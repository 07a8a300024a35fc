package io.axolotl.client.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.axolotl.client.bench.BenchPlan.Operation;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.grpc.MethodDescriptor;
import java.util.SplittableRandom;

/**
 * Makes the requests of a plan. Keys are drawn uniformly; the value is random once, so that nothing on the way can compress
 * it, and shared by all requests. Immutable; the source of chance is the caller's.
 */
final class Workload {
    /** A request and the method that takes it. */
    record Call<Q extends MessageLite>(MethodDescriptor<Q, ?> method, Q request) {}

    private final Operation operation;
    private final int readPercent;
    private final int keys;
    private final int keySizeBytes;
    private final ByteString value;

    Workload(BenchPlan plan) {
        this.operation = plan.operation();
        this.readPercent = plan.readPercent();
        this.keys = plan.keys();
        this.keySizeBytes = plan.keySizeBytes();
        byte[] random = new byte[plan.valueSizeBytes()];
        new SplittableRandom(1).nextBytes(random);
        this.value = ByteString.copyFrom(random);
    }

    Call<?> next(SplittableRandom random) {
        ByteString key = key(random.nextInt(keys));
        return switch (operation) {
            case PUT, NUMBERED_PUT -> new Call<>(KVGrpc.getPutMethod(), put(key));
            case GET -> new Call<>(KVGrpc.getRangeMethod(), get(key, false));
            case GET_SERIALIZABLE -> new Call<>(KVGrpc.getRangeMethod(), get(key, true));
            case MIXED ->
                random.nextInt(100) < readPercent
                        ? new Call<>(KVGrpc.getRangeMethod(), get(key, false))
                        : new Call<>(KVGrpc.getPutMethod(), put(key));
            case TXN -> new Call<>(KVGrpc.getTxnMethod(), compareThenPutAndGet(key));
        };
    }

    /** Writes the keys {@code [from, to)} in one transaction. */
    TxnRequest fill(int from, int to) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = from; i < to; i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(key(i))));
        }
        return txn.build();
    }

    /** The letter k, and the number with leading zeros. */
    ByteString key(int number) {
        byte[] key = new byte[keySizeBytes];
        key[0] = 'k';
        int rest = number;
        for (int i = keySizeBytes - 1; i > 0; i--) {
            key[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return ByteString.copyFrom(key);
    }

    private PutRequest put(ByteString key) {
        return PutRequest.newBuilder().setKey(key).setValue(value).build();
    }

    private static RangeRequest get(ByteString key, boolean serializable) {
        return RangeRequest.newBuilder()
                .setKey(key)
                .setSerializable(serializable)
                .build();
    }

    /** The shape of an optimistic update: a compare that always holds, a write, a read of what was written. */
    private TxnRequest compareThenPutAndGet(ByteString key) {
        return TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setResult(Compare.CompareResult.GREATER)
                        .setKey(key)
                        .setVersion(-1))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put(key)))
                .addSuccess(RequestOp.newBuilder().setRequestRange(get(key, false)))
                .build();
    }
}
