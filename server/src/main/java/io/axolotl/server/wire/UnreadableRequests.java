package io.axolotl.server.wire;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
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
 * <p>A message that cannot be read travels from the marshaller to the listener as null, since that is all that fits its type. To the
 * service it looks as if the client had gone: it is told so once, and what it still sends goes nowhere.
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
                (call, headers) -> {
                    RefusableCall<Q, R> refusable = new RefusableCall<>(call);
                    return new Refusing<>(refusable, handler.startCall(refusable, headers));
                });
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

    /**
     * A call that may be closed under its service, on the network's thread, while the service sends on another: then what
     * it sends is dropped, since the runtime would raise an exception where no thread of ours may have one.
     */
    private static final class RefusableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        /** Guarded by this, as is all sending. */
        private boolean isClosed;

        private volatile boolean isRefused;

        RefusableCall(ServerCall<Q, R> call) {
            super(call);
        }

        /** @return false if the service has closed it before */
        synchronized boolean refuse() {
            if (isClosed) {
                return false;
            }
            isClosed = true;
            isRefused = true;
            super.close(STATUS, new Metadata());
            return true;
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!isRefused) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(R message) {
            if (!isRefused) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!isRefused) {
                isClosed = true;
                super.close(status, trailers);
            }
        }

        @Override
        public boolean isReady() {
            return !isRefused && super.isReady();
        }

        @Override
        public boolean isCancelled() {
            return isRefused || super.isCancelled();
        }
    }

    /** Confined to the network's thread of its call. */
    private static final class Refusing<Q> extends SimpleForwardingServerCallListener<Q> {
        private final RefusableCall<Q, ?> call;
        private boolean isOver;

        Refusing(RefusableCall<Q, ?> call, ServerCall.Listener<Q> to) {
            super(to);
            this.call = call;
        }

        @Override
        public void onMessage(@Nullable Q message) {
            if (isOver) {
                return;
            }
            if (message != null) {
                super.onMessage(message);
            } else {
                isOver = true;
                if (call.refuse()) {
                    super.onCancel();
                }
            }
        }

        @Override
        public void onHalfClose() {
            if (!isOver) {
                super.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            if (!isOver) {
                super.onReady();
            }
        }

        /** One that was refused has ended for the service before. */
        @Override
        public void onComplete() {
            if (!call.isRefused) {
                super.onComplete();
            }
        }

        @Override
        public void onCancel() {
            if (!call.isRefused) {
                super.onCancel();
            }
        }
    }
}
