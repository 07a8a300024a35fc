package io.axolotl.client.transport;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoUtils;

/**
 * The method Txn for transactions that lie deep inside each other. Protobuf for Java reads messages up to 100 levels deep, which
 * is 49 transactions; etcd has no bound but the number of operations.
 *
 * <p>Stateless.
 */
public final class NestedTransactions {
    /**
     * A transaction within another lies two messages deeper, and what is in the innermost two more. Enough for twice as many as a
     * server takes, so that it can say what is wrong with those that it does not take; deeper ones cannot be read. Small beside
     * what a thread's stack holds.
     */
    private static final int MESSAGE_LEVELS = 512;

    private static final MethodDescriptor<TxnRequest, TxnResponse> METHOD = KVGrpc.getTxnMethod().toBuilder()
            .setRequestMarshaller(
                    ProtoUtils.marshallerWithRecursionLimit(TxnRequest.getDefaultInstance(), MESSAGE_LEVELS))
            .setResponseMarshaller(
                    ProtoUtils.marshallerWithRecursionLimit(TxnResponse.getDefaultInstance(), MESSAGE_LEVELS))
            .build();

    private NestedTransactions() {}

    /** For calls. */
    public static MethodDescriptor<TxnRequest, TxnResponse> method() {
        return METHOD;
    }

    /** The same service, its method Txn exchanged. */
    public static ServerServiceDefinition servedBy(ServerServiceDefinition kv) {
        ServiceDescriptor named = kv.getServiceDescriptor();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(named.getName()).setSchemaDescriptor(named.getSchemaDescriptor());
        named.getMethods().forEach(method -> descriptor.addMethod(isTxn(method) ? METHOD : method));
        ServerServiceDefinition.Builder served = ServerServiceDefinition.builder(descriptor.build());
        for (ServerMethodDefinition<?, ?> method : kv.getMethods()) {
            if (isTxn(method.getMethodDescriptor())) {
                served.addMethod(deep(method));
            } else {
                served.addMethod(method);
            }
        }
        return served.build();
    }

    private static boolean isTxn(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName().equals(METHOD.getFullMethodName());
    }

    private static ServerMethodDefinition<TxnRequest, TxnResponse> deep(ServerMethodDefinition<?, ?> txn) {
        @SuppressWarnings("unchecked") // the service was generated from the same file
        var handled = (ServerMethodDefinition<TxnRequest, TxnResponse>) txn;
        return ServerMethodDefinition.create(METHOD, handled.getServerCallHandler());
    }
}
