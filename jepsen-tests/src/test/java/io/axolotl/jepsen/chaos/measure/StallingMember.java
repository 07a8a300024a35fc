package io.axolotl.jepsen.chaos.measure;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The client port of a member that acknowledges everything, or, while it stalls, takes it and never answers. Safe for all threads. */
public final class StallingMember implements AutoCloseable {
    final Collection<PutRequest> puts = new ConcurrentLinkedQueue<>();
    final Collection<RangeRequest> ranges = new ConcurrentLinkedQueue<>();
    volatile boolean isStalled;

    private final Server server;

    public StallingMember() {
        try {
            this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .directExecutor()
                    .addService(new Kv())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getPort();
    }

    private <A> void answer(StreamObserver<A> observer, A answer) {
        if (!isStalled) {
            observer.onNext(answer);
            observer.onCompleted();
        }
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            puts.add(request);
            answer(observer, PutResponse.getDefaultInstance());
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
            ranges.add(request);
            answer(observer, RangeResponse.getDefaultInstance());
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
