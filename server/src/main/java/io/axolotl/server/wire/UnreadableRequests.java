package io.axolotl.server.wire;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers messages that cannot be read, as Go's gRPC does: INTERNAL, and no more is said of it. grpc-java by itself takes them for a
 * mistake of the service: UNKNOWN, with a stack trace in the log for each, which whoever reaches the port could fill a disk with
 * (fault A16).
 *
 * <p>A message that cannot be read travels from the marshaller to the listener as null, since that is all that fits its type.
 *
 * <p>Immutable; safe for all threads.
 */
public final class UnreadableRequests {
    private static final Status STATUS = Status.INTERNAL.withDescription("grpc: error unmarshalling request");

    private UnreadableRequests() {}

    /** The same service, which refuses what it cannot read. */
    public static ServerServiceDefinition refusedBy(ServerServiceDefinition service) {
        ServiceDescriptor named = service.getServiceDescriptor();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(named.getName()).setSchemaDescriptor(named.getSchemaDescriptor());
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            ServerMethodDefinition<?, ?> guarded = guarded(method);
            descriptor.addMethod(guarded.getMethodDescriptor());
            methods.add(guarded);
        }
        ServerServiceDefinition.Builder served = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(served::addMethod);
        return served.build();
    }

    private static <Q, R> ServerMethodDefinition<Q, R> guarded(ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        ServerCallHandler<Q, R> handler = method.getServerCallHandler();
        return ServerMethodDefinition.create(
                descriptor.toBuilder(new NullIfUnreadable<>(prototyped(descriptor)), descriptor.getResponseMarshaller())
                        .build(),
                (call, headers) -> new Refusing<>(call, handler.startCall(call, headers)));
    }

    private static <Q> PrototypeMarshaller<Q> prototyped(MethodDescriptor<Q, ?> method) {
        if (method.getRequestMarshaller() instanceof PrototypeMarshaller<Q> marshaller) {
            return marshaller;
        }
        throw new IllegalArgumentException(method.getFullMethodName() + " does not tell what it is called with");
    }

    /** Tells as before what it makes: the JSON gateway must know. */
    private record NullIfUnreadable<Q>(PrototypeMarshaller<Q> marshaller) implements PrototypeMarshaller<Q> {
        @Override
        public Class<Q> getMessageClass() {
            return marshaller.getMessageClass();
        }

        @Override
        public @Nullable Q getMessagePrototype() {
            return marshaller.getMessagePrototype();
        }

        @Override
        public InputStream stream(Q value) {
            return marshaller.stream(value);
        }

        @Override
        public @Nullable Q parse(InputStream stream) {
            try {
                return marshaller.parse(stream);
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.INTERNAL) {
                    return null;
                }
                throw e;
            }
        }
    }

    private static final class Refusing<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private boolean isRefused;

        Refusing(ServerCall<Q, ?> call, ServerCall.Listener<Q> to) {
            super(to);
            this.call = call;
        }

        @Override
        public void onMessage(@Nullable Q message) {
            if (message == null && !isRefused) {
                isRefused = true;
                call.close(STATUS, new Metadata());
            } else if (message != null && !isRefused) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!isRefused) {
                super.onHalfClose();
            }
        }
    }
}
