package io.axolotl.server.api;

import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.api.watch.StreamEnd;
import io.axolotl.server.api.watch.StreamOutput;
import io.axolotl.server.api.watch.WatchHub;
import io.axolotl.server.api.watch.WatchRight;
import io.axolotl.server.api.watch.WatchStream;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.auth.Access;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.mvcc.Refusal;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * etcd's Watch service (contract B.7): takes gRPC's calls and callbacks to the {@link WatchHub} and its messages back.
 *
 * <p>Safe for all threads.
 */
final class WatchService extends WatchGrpc.WatchImplBase {
    /** Requests that a client may send before the first of them is answered. */
    private static final int REQUESTS_AHEAD = 16;

    /** What gRPC may hold of a stream before it says that there is no room: small, for there may be ten thousand. */
    private static final int READY_BYTES = 8 << 10;

    /** How Go writes the codes that a watch can be refused with. */
    private static final Map<Status.Code, String> NAMES = Map.of(
            Status.Code.INVALID_ARGUMENT, "InvalidArgument",
            Status.Code.PERMISSION_DENIED, "PermissionDenied",
            Status.Code.UNAUTHENTICATED, "Unauthenticated",
            Status.Code.UNAVAILABLE, "Unavailable");

    private final NodeService node;
    private final Gate gate;
    private final WatchHub hub;

    WatchService(NodeService node, Gate gate, WatchHub hub) {
        this.node = node;
        this.gate = gate;
        this.hub = hub;
    }

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
        ServerCallStreamObserver<WatchResponse> call = (ServerCallStreamObserver<WatchResponse>) observer;
        if (!node.isTrusted()) {
            call.onError(EtcdError.QUARANTINED.exception());
            return new Ignored();
        }
        Login login = Login.current();
        WatchStream stream = hub.open(
                new Output(call),
                LeaderRequirement.isAsked(),
                (auth, key, rangeEnd) -> mayWatch(login, auth, key, rangeEnd));
        call.setOnReadyThreshold(READY_BYTES);
        call.disableAutoRequest();
        call.setOnReadyHandler(stream::becameReady);
        call.setOnCancelHandler(stream::closed);
        call.setOnCloseHandler(stream::closed);
        call.request(REQUESTS_AHEAD);
        return new StreamObserver<>() {
            @Override
            public void onNext(WatchRequest request) {
                stream.received(request);
            }

            @Override
            public void onError(Throwable broken) {
                stream.closed();
            }

            /** WA-13: the client has no more to ask, and goes on listening. */
            @Override
            public void onCompleted() {}
        };
    }

    private WatchRight.Answer mayWatch(Login login, AuthState auth, byte[] key, byte[] rangeEnd) {
        Caller caller;
        try {
            caller = gate.caller(login, auth);
        } catch (RequestRefused noToken) {
            return new WatchRight.Answer(inGo(noToken.error()), WatchRight.Standing.FOREVER);
        }
        return new WatchRight.Answer(
                textOf(Access.of(auth, caller).read(key, rangeEnd)),
                (later, from, end) ->
                        textOf(Access.of(later, caller.asOf(later.revision())).read(from, end)));
    }

    private static @Nullable String textOf(@Nullable Refusal refusal) {
        return refusal == null ? null : inGo(EtcdError.of(refusal));
    }

    /** WA-12: in the words of etcd's own library, which clients read. */
    private static String inGo(EtcdError error) {
        return "rpc error: code = " + NAMES.getOrDefault(error.status().getCode(), "Unknown") + " desc = "
                + error.text();
    }

    private record Output(ServerCallStreamObserver<WatchResponse> call) implements StreamOutput {
        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void send(WatchResponse response) {
            if (!call.isCancelled()) {
                call.onNext(response);
            }
        }

        @Override
        public void requestOne() {
            call.request(1);
        }

        @Override
        public void end(StreamEnd why) {
            if (!call.isCancelled()) {
                call.onError(errorOf(why).exception());
            }
        }
    }

    /** Each has a code by which clients watch again, here or elsewhere (contract C.3). */
    static EtcdError errorOf(StreamEnd why) {
        return switch (why) {
            case NO_LEADER -> EtcdError.NO_LEADER;
            case IN_DOUBT -> EtcdError.QUARANTINED;
            case TOO_MUCH_UNSENT -> EtcdError.WATCH_TOO_SLOW;
            case STOPPED -> EtcdError.STOPPED;
        };
    }

    /** What comes on a call that has ended already. */
    private static final class Ignored implements StreamObserver<WatchRequest> {
        @Override
        public void onNext(WatchRequest request) {}

        @Override
        public void onError(Throwable broken) {}

        @Override
        public void onCompleted() {}
    }
}
