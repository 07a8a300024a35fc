package io.axolotl.server.api;

import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.api.watch.StreamEnd;
import io.axolotl.server.api.watch.StreamOutput;
import io.axolotl.server.api.watch.WatchHub;
import io.axolotl.server.api.watch.WatchStream;
import io.axolotl.server.driver.NodeService;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

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
        WatchStream stream = hub.open(new Output(call), LeaderRequirement.isAsked(), gate.watching(login));
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
