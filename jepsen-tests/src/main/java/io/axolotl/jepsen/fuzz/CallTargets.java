package io.axolotl.jepsen.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchProgressRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.server.peer.proto.DescribeRequest;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.LeaseRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.ReadinessRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * gRPC calls on both ports of a running server. The first byte of an input chooses the method, the rest is the message as it is on
 * the wire; of a stream, two bytes of length before each.
 *
 * <p>An answer must come, and it must be one that the server meant to give: an exception that it did not expect shows as UNKNOWN
 * without a text of etcd's.
 */
final class CallTargets implements FuzzTarget {
    /** A stream need not end when its input does; what it leads to is seen by then, or by the next ailment. */
    private static final int STREAM_MILLIS = 20;

    private static final int MAX_MESSAGES = 1_000;

    private final String name;
    private final LiveServer server;
    private final ManagedChannel channel;
    private final List<Shape> shapes;

    /** A method, and what is sent to it. */
    private record Shape(MethodDescriptor<byte[], byte[]> method, Maker maker) {
        static Shape of(MethodDescriptor<?, ?> method, Maker maker) {
            return new Shape(LiveServer.raw(method), maker);
        }
    }

    @FunctionalInterface
    private interface Maker {
        MessageLite make(SplittableRandom random);
    }

    private CallTargets(String name, LiveServer server, ManagedChannel channel, List<Shape> shapes) {
        this.name = name;
        this.server = server;
        this.channel = channel;
        this.shapes = shapes;
    }

    static List<FuzzTarget> all(LiveServer server) {
        return List.of(
                new CallTargets("call", server, server.client, unary()),
                new CallTargets("call-stream", server, server.client, streams()),
                new CallTargets("peer-call", server, server.peer, peers(server)));
    }

    private static List<Shape> unary() {
        return List.of(
                Shape.of(KVGrpc.getPutMethod(), CallTargets::put),
                Shape.of(KVGrpc.getRangeMethod(), CallTargets::range),
                Shape.of(KVGrpc.getDeleteRangeMethod(), CallTargets::delete),
                Shape.of(KVGrpc.getTxnMethod(), random -> txn(random, 1)),
                Shape.of(KVGrpc.getTxnMethod(), random -> txn(random, 1)),
                Shape.of(
                        KVGrpc.getCompactMethod(),
                        random -> CompactionRequest.newBuilder()
                                .setRevision(random.nextInt(9))
                                .build()),
                Shape.of(
                        LeaseGrpc.getLeaseGrantMethod(),
                        random -> LeaseGrantRequest.newBuilder()
                                .setID(random.nextInt(50))
                                .setTTL(60)
                                .build()),
                Shape.of(
                        LeaseGrpc.getLeaseRevokeMethod(),
                        random -> LeaseRevokeRequest.newBuilder()
                                .setID(random.nextInt(50))
                                .build()),
                Shape.of(
                        LeaseGrpc.getLeaseTimeToLiveMethod(),
                        random -> LeaseTimeToLiveRequest.newBuilder()
                                .setID(random.nextInt(50))
                                .setKeys(random.nextBoolean())
                                .build()),
                Shape.of(
                        ClusterGrpc.getMemberListMethod(),
                        random -> MemberListRequest.newBuilder()
                                .setLinearizable(random.nextBoolean())
                                .build()),
                Shape.of(MaintenanceGrpc.getStatusMethod(), random -> StatusRequest.getDefaultInstance()),
                Shape.of(
                        MaintenanceGrpc.getHashKVMethod(),
                        random -> HashKVRequest.newBuilder()
                                .setRevision(random.nextInt(3))
                                .build()));
    }

    private static List<Shape> streams() {
        return List.of(
                Shape.of(WatchGrpc.getWatchMethod(), CallTargets::watch),
                Shape.of(WatchGrpc.getWatchMethod(), CallTargets::watch),
                Shape.of(
                        LeaseGrpc.getLeaseKeepAliveMethod(),
                        random -> LeaseKeepAliveRequest.newBuilder()
                                .setID(random.nextInt(50))
                                .build()));
    }

    private static List<Shape> peers(LiveServer server) {
        return List.of(
                Shape.of(PeerGrpc.getTalkMethod(), random -> hello(server, random)),
                Shape.of(
                        PeerGrpc.getDescribeMethod(),
                        random -> DescribeRequest.newBuilder()
                                .setProtocolVersion(3)
                                .build()),
                Shape.of(
                        PeerGrpc.getAskReadinessMethod(),
                        random -> ReadinessRequest.newBuilder()
                                .setClusterId(server.clusterId())
                                .setLearner(1 + random.nextInt(9))
                                .build()),
                Shape.of(
                        PeerGrpc.getAskLeaseMethod(),
                        random -> LeaseRequest.newBuilder()
                                .setLease(random.nextInt(50))
                                .setRenew(random.nextBoolean())
                                .build()));
    }

    /** From one of a few strangers: what it may be let in with. */
    private static Frame hello(LiveServer server, SplittableRandom random) {
        return Frame.newBuilder()
                .setHello(Hello.newBuilder()
                        .setProtocolVersion(3)
                        .setClusterId(server.clusterId())
                        .setFrom(1 + random.nextInt(5))
                        .setTo(server.memberId())
                        .setStoreId("0123456789abcdef0123456789abcdef")
                        .setLane(random.nextBoolean() ? Lane.CONTROL : Lane.ENTRIES)
                        .addPeerUrls("http://127.0.0.1:1")
                        .setStarts(1)
                        .setLife(7))
                .setPing(random.nextLong())
                .build();
    }

    private static ByteString key(SplittableRandom random) {
        return ByteString.copyFromUtf8("k" + random.nextInt(20));
    }

    private static PutRequest put(SplittableRandom random) {
        return PutRequest.newBuilder()
                .setKey(key(random))
                .setValue(ByteString.copyFrom(Chance.bytes(random, 0, 60)))
                .setPrevKv(random.nextBoolean())
                .build();
    }

    private static RangeRequest range(SplittableRandom random) {
        return RangeRequest.newBuilder()
                .setKey(key(random))
                .setRangeEnd(random.nextBoolean() ? ByteString.EMPTY : ByteString.copyFromUtf8("l"))
                .setLimit(random.nextInt(4))
                .setSortOrderValue(random.nextInt(3))
                .setSortTargetValue(random.nextInt(5))
                .setSerializable(random.nextBoolean())
                .setKeysOnly(random.nextBoolean())
                .setCountOnly(random.nextInt(4) == 0)
                .build();
    }

    private static DeleteRangeRequest delete(SplittableRandom random) {
        return DeleteRangeRequest.newBuilder()
                .setKey(key(random))
                .setPrevKv(random.nextBoolean())
                .build();
    }

    /** Of reads and puts of different keys, so that it is always taken. */
    private static TxnRequest txn(SplittableRandom random, int depth) {
        TxnRequest.Builder out = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key(random))
                        .setTarget(Compare.CompareTarget.VERSION)
                        .setResultValue(random.nextInt(4))
                        .setVersion(random.nextInt(3)));
        out.addSuccess(RequestOp.newBuilder().setRequestRange(range(random)));
        out.addSuccess(RequestOp.newBuilder()
                .setRequestPut(put(random).toBuilder().setKey(ByteString.copyFromUtf8("d" + depth))));
        if (depth < 4 && random.nextBoolean()) {
            out.addSuccess(RequestOp.newBuilder().setRequestTxn(txn(random, depth + 1)));
        }
        out.addFailure(RequestOp.newBuilder().setRequestRange(range(random)));
        return out.build();
    }

    private static WatchRequest watch(SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            return WatchRequest.newBuilder()
                    .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                    .build();
        }
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(key(random))
                        .setStartRevision(random.nextInt(5))
                        .setPrevKv(random.nextBoolean())
                        .setFragment(random.nextBoolean())
                        .setProgressNotify(random.nextBoolean()))
                .build();
    }

    // ---- the target ----

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] valid(SplittableRandom random) {
        int chosen = random.nextInt(shapes.size());
        Shape shape = shapes.get(chosen);
        boolean isStream = !shape.method().getType().clientSendsOneMessage();
        boolean isGreeting = shape.method().getFullMethodName().endsWith("/Talk");
        int messages = isStream && !isGreeting ? 1 + random.nextInt(3) : 1;
        byte[] out = {(byte) chosen};
        for (int i = 0; i < messages; i++) {
            byte[] message = shape.maker().make(random).toByteArray();
            int at = out.length;
            int head = isStream ? 2 : 0;
            out = Arrays.copyOf(out, at + head + message.length);
            if (isStream) {
                out[at] = (byte) (message.length >>> 8);
                out[at + 1] = (byte) message.length;
            }
            System.arraycopy(message, 0, out, at + head, message.length);
        }
        return out;
    }

    @Override
    public void feed(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        MethodDescriptor<byte[], byte[]> method =
                shapes.get((input[0] & 0xff) % shapes.size()).method();
        Ended ended = new Ended();
        ClientCall<byte[], byte[]> call = channel.newCall(
                method, CallOptions.DEFAULT.withDeadlineAfter(LiveServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        call.start(ended, new Metadata());
        call.request(Integer.MAX_VALUE);
        if (method.getType().clientSendsOneMessage()) {
            call.sendMessage(Arrays.copyOfRange(input, 1, input.length));
        } else {
            send(call, input);
        }
        call.halfClose();
        Status status = method.getType().clientSendsOneMessage() ? ended.status.get() : endOf(call, ended);
        if (status != null && !status.isOk()) {
            throw status.asException();
        }
    }

    private static void send(ClientCall<byte[], byte[]> call, byte[] input) {
        // Two bytes may be a message, and each costs kilobytes here alone, before any server has seen it.
        int messages = 0;
        for (int at = 1; at + 2 <= input.length && messages < MAX_MESSAGES; messages++) {
            int length = ((input[at] & 0xff) << 8) | (input[at + 1] & 0xff);
            int from = at + 2;
            at = Math.min(input.length, from + length);
            call.sendMessage(Arrays.copyOfRange(input, from, at));
        }
    }

    /** @return null if it did not end by itself, which a stream need not do */
    private static @Nullable Status endOf(ClientCall<byte[], byte[]> call, Ended ended) throws Exception {
        try {
            return ended.status.get(STREAM_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stillOpen) {
            call.cancel("the input is used up", stillOpen);
            return null;
        }
    }

    private static final class Ended extends ClientCall.Listener<byte[]> {
        private final CompletableFuture<Status> status = new CompletableFuture<>();

        @Override
        public void onClose(Status how, Metadata trailers) {
            status.complete(how);
        }
    }

    /**
     * A revision that is compacted or not there yet, a lease that is there or not, and a member whose later starts somebody has
     * told of already.
     */
    @Override
    public boolean isAnswerToValid(Throwable raised) {
        Status status = statusOf(raised);
        return status != null
                && switch (status.getCode()) {
                    case OUT_OF_RANGE, NOT_FOUND, FAILED_PRECONDITION -> true;
                    default -> false;
                };
    }

    private static @Nullable Status statusOf(Throwable raised) {
        if (raised instanceof StatusException e) {
            return e.getStatus();
        }
        return raised instanceof StatusRuntimeException e ? e.getStatus() : null;
    }

    @Override
    public boolean isRefusal(Throwable raised) {
        Status status = statusOf(raised);
        if (status == null) {
            return false;
        }
        String text = String.valueOf(status.getDescription());
        return switch (status.getCode()) {
            case UNKNOWN -> text.startsWith("etcdserver: ");
            case DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE -> false;
            case INTERNAL -> text.equals("grpc: error unmarshalling request");
            default -> true;
        };
    }

    @Override
    public long maxAllocatedBytes(int inputBytes) {
        // Only what the caller allocates is seen; the server's own threads are judged by its ailments.
        return 64L << 20;
    }

    @Override
    public @Nullable String ailment() {
        return server.ailment();
    }
}
