package io.axolotl.jepsen.floor;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;

/**
 * A gRPC server with the client port settings of {@code io.axolotl.server} and nothing behind them: put and range answer a
 * constant of the size that the benchmark reads. Takes {@code --listen-client-urls=http://127.0.0.1:PORT} and, to be
 * startable like a real server, ignores all other flags.
 */
public final class FloorMain {
    private static final String LISTEN = "--listen-client-urls=";
    private static final int EVENT_LOOPS = 2;
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;
    private static final int VALUE_BYTES = 256;

    private FloorMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        URI url = Arrays.stream(args)
                .filter(word -> word.startsWith(LISTEN))
                .map(word -> URI.create(word.substring(LISTEN.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("give " + LISTEN + "http://127.0.0.1:PORT"));
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(url.getHost(), url.getPort()))
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .addService(new Constant())
                .build()
                .start();
        server.awaitTermination();
    }

    private static final class Constant extends KVGrpc.KVImplBase {
        private static final ResponseHeader HEADER = ResponseHeader.newBuilder()
                .setClusterId(0x123456789abcdefL)
                .setMemberId(0x123456789abcdefL)
                .setRevision(1_000_000)
                .setRaftTerm(7)
                .build();
        private static final PutResponse PUT =
                PutResponse.newBuilder().setHeader(HEADER).build();
        private static final TxnResponse TXN =
                TxnResponse.newBuilder().setHeader(HEADER).setSucceeded(true).build();
        private static final RangeResponse RANGE = RangeResponse.newBuilder()
                .setHeader(HEADER)
                .setCount(1)
                .addKvs(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8("0123456789abcdef"))
                        .setCreateRevision(1_000)
                        .setModRevision(1_000_000)
                        .setVersion(100)
                        .setValue(ByteString.copyFrom(new byte[VALUE_BYTES])))
                .build();

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> answer) {
            answer.onNext(PUT);
            answer.onCompleted();
        }

        /** The benchmark fills in its keys by transactions. */
        @Override
        public void txn(TxnRequest request, StreamObserver<TxnResponse> answer) {
            answer.onNext(TXN);
            answer.onCompleted();
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
            answer.onNext(RANGE);
            answer.onCompleted();
        }
    }
}
