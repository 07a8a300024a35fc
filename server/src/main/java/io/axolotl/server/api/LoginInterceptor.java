package io.axolotl.server.api;

import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.server.driver.NodeService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes for a call who it says to come from ({@link Login}). A call with a token that another member has given a moment ago
 * waits until this member has heard of it.
 *
 * <p>Safe for all threads.
 */
final class LoginInterceptor implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(LoginInterceptor.class);

    /** Wants to know whence it is called. */
    private static final String LOG_IN = AuthGrpc.getAuthenticateMethod().getFullMethodName();

    private final NodeService node;
    private final Gate gate;
    private final boolean isCertificateAName;

    LoginInterceptor(NodeService node, Gate gate, boolean isCertificateAName) {
        this.node = node;
        this.gate = gate;
        this.isCertificateAName = isCertificateAName;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Login login = Login.of(headers, call.getAttributes(), isCertificateAName);
        if (login.isOfNobody()
                && !call.getMethodDescriptor().getFullMethodName().equals(LOG_IN)) {
            // As the calls of all who know of no users: nothing to note.
            return next.startCall(call, headers);
        }
        Context context = login.within(Context.current());
        if (!gate.isAhead(login)) {
            return Contexts.interceptCall(context, call, headers, next);
        }
        Waiting<Q> waiting = new Waiting<>();
        node.readBarrier(failure -> {
            if (failure != null) {
                call.close(EtcdError.of(failure).status(), new Metadata());
                waiting.begin(() -> new ServerCall.Listener<>() {});
                return;
            }
            try {
                waiting.begin(() -> Contexts.interceptCall(context, call, headers, next));
            } catch (RuntimeException e) {
                log.error("a call could not be begun", e);
                call.close(Status.INTERNAL, new Metadata());
            }
        });
        return waiting;
    }

    /** Keeps what happens to a call until somebody takes it: no message comes before that, for nobody has asked for one. */
    private static final class Waiting<Q> extends ServerCall.Listener<Q> {
        /** Guarded by this, as is the listener, whose methods must not run at the same time. */
        private final Queue<Consumer<ServerCall.Listener<Q>>> missed = new ArrayDeque<>();

        private ServerCall.@Nullable Listener<Q> listener;

        synchronized void begin(Supplier<ServerCall.Listener<Q>> start) {
            ServerCall.Listener<Q> begun = start.get();
            missed.forEach(event -> event.accept(begun));
            missed.clear();
            listener = begun;
        }

        private synchronized void tell(Consumer<ServerCall.Listener<Q>> event) {
            if (listener == null) {
                missed.add(event);
            } else {
                event.accept(listener);
            }
        }

        @Override
        public void onMessage(Q message) {
            tell(begun -> begun.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            tell(ServerCall.Listener::onHalfClose);
        }

        @Override
        public void onCancel() {
            tell(ServerCall.Listener::onCancel);
        }

        @Override
        public void onComplete() {
            tell(ServerCall.Listener::onComplete);
        }

        @Override
        public void onReady() {
            tell(ServerCall.Listener::onReady);
        }
    }
}
