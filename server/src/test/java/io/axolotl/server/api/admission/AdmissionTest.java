package io.axolotl.server.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.server.api.EtcdError;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The door, in front of a service whose puts are answered when the test says so. Pitfall 62, fault A16. */
@Timeout(60)
class AdmissionTest {
    private static final int VALUE_BYTES = 10_000;
    private static final long MAX_BYTES = 1 << 20;

    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong arrival = new AtomicLong();
    private final MetricRegistry registry = new MetricRegistry();
    private final Admission admission =
            new Admission(new AdmissionLimits(MAX_BYTES, Duration.ofSeconds(5)), registry, clock::get, arrival::get);
    private final HeldKv kv = new HeldKv();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private Server server;

    /** Holds puts, and answers everything else at once. */
    private static final class HeldKv extends KVGrpc.KVImplBase {
        final BlockingQueue<StreamObserver<PutResponse>> held = new LinkedBlockingQueue<>();
        final AtomicInteger puts = new AtomicInteger();

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            puts.incrementAndGet();
            held.add(observer);
        }

        @Override
        public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
            observer.onNext(DeleteRangeResponse.getDefaultInstance());
            observer.onCompleted();
        }

        void answerOne() throws InterruptedException {
            StreamObserver<PutResponse> observer = held.take();
            observer.onNext(PutResponse.getDefaultInstance());
            observer.onCompleted();
        }

        void failOne(Status why) throws InterruptedException {
            held.take().onError(why.asRuntimeException());
        }
    }

    private static final class EchoLease extends LeaseGrpc.LeaseImplBase {
        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
            return new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveRequest request) {
                    observer.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setID(request.getID())
                            .build());
                }

                @Override
                public void onError(Throwable cancelled) {}

                @Override
                public void onCompleted() {
                    observer.onCompleted();
                }
            };
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(ServerInterceptors.intercept(kv, admission))
                .addService(ServerInterceptors.intercept(new EchoLease(), admission))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.shutdownNow();
    }

    private ManagedChannel connect() {
        return connectFrom("127.0.0.1");
    }

    private ManagedChannel connectFrom(String address) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                    @Override
                    public SocketAddress createSocketAddress(SocketAddress to, Attributes unused) {
                        return new InetSocketAddress(address, 0);
                    }
                })
                .usePlaintext()
                .directExecutor()
                .build();
        channels.add(channel);
        return channel;
    }

    private static PutRequest put(int valueBytes) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .setValue(ByteString.copyFrom(new byte[valueBytes]))
                .build();
    }

    /** Puts one after the other, each seen to be held or refused before the next. @return how many were held */
    private int putUntilRefused(ManagedChannel channel) throws Exception {
        for (int i = 0; ; i++) {
            CountDownLatch decided = new CountDownLatch(1);
            int before = kv.puts.get();
            ListenableFuture<PutResponse> answer = KVGrpc.newFutureStub(channel).put(put(VALUE_BYTES));
            answer.addListener(decided::countDown, Runnable::run);
            while (kv.puts.get() == before && decided.getCount() > 0) {
                Thread.onSpinWait();
            }
            if (decided.getCount() == 0) {
                assertRefused(answer);
                assertThat(kv.puts.get()).as("the service was not asked").isEqualTo(before);
                return i;
            }
        }
    }

    private static void assertRefused(ListenableFuture<?> answer) throws InterruptedException {
        try {
            answer.get();
            throw new AssertionError("it was let in");
        } catch (ExecutionException e) {
            Status status = Status.fromThrowable(e);
            assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(status.getDescription()).isEqualTo("etcdserver: too many requests");
        }
    }

    private long refused(String reason) {
        return registry.counter("axolotl_requests_refused_total{reason=\"" + reason + "\"}")
                .getCount();
    }

    private long inFlightBytes() {
        Gauge<?> gauge = Objects.requireNonNull(registry.getGauges().get("axolotl_requests_inflight_bytes"));
        return (Long) gauge.getValue();
    }

    @Test
    @DisplayName(
            "pitfall 62: requests in flight are bounded in bytes, and one client leaves a quarter of them to others")
    void oneClientComesToThreeQuarters() throws Exception {
        int held = putUntilRefused(connect());
        long bytes = held * (VALUE_BYTES + (long) AdmissionLimits.CALL_BYTES);
        assertThat(bytes).isBetween(MAX_BYTES * 3 / 4 * 6 / 10, MAX_BYTES * 3 / 4 * 3 / 4);
        assertThat(refused("client_bytes")).isEqualTo(1);
    }

    @Test
    void aSecondClientIsLetInWhenTheFirstHasTakenAllItMay() throws Exception {
        int first = putUntilRefused(connect());
        int second = putUntilRefused(connect());
        assertThat(second).isBetween(first / 5, first / 2);
    }

    @Test
    @DisplayName("pitfall 62: a host with many connections leaves a sixteenth to another, which gets as much as it can")
    void manyConnectionsAreNoWayToHaveAll() throws Exception {
        long one = VALUE_BYTES + (long) AdmissionLimits.CALL_BYTES;
        int held = 0;
        for (int i = 0; i < 30; i++) {
            held += putUntilRefused(connect());
        }
        long left = MAX_BYTES * 3 / 4 - held * one;
        assertThat(left).isBetween(MAX_BYTES * 3 / 4 / 16 - one, MAX_BYTES * 3 / 4 / 16 + 2 * one);
        assertThat(putUntilRefused(connectFrom("127.0.0.2")))
                .as("of another host")
                .isPositive();
    }

    @Test
    @DisplayName("deletes have bytes of their own: what gives room back is not kept out by what wants more")
    void deletesAreNotStarvedByPuts() throws Exception {
        for (int i = 0; i < 12; i++) {
            int unused = putUntilRefused(connect());
        }
        DeleteRangeResponse unused = KVGrpc.newBlockingStub(connect())
                .deleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(ByteString.copyFrom(new byte[100_000]))
                        .build());
        int served = kv.puts.get();
        ListenableFuture<PutResponse> large = KVGrpc.newFutureStub(connect()).put(put(100_000));
        assertRefused(large);
        assertThat(kv.puts.get()).isEqualTo(served);
        assertThat(refused("member_bytes")).isPositive();
    }

    @Test
    @DisplayName("renewals of leases are not judged: a full server must not end the leases of those who wait")
    void leasesAreRenewedWhenPutsAreRefused() throws Exception {
        ManagedChannel channel = connect();
        int unusedCount = putUntilRefused(channel);
        BlockingQueue<LeaseKeepAliveResponse> renewed = new LinkedBlockingQueue<>();
        StreamObserver<LeaseKeepAliveRequest> renewals = LeaseGrpc.newStub(channel)
                .leaseKeepAlive(new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse response) {
                        renewed.add(response);
                    }

                    @Override
                    public void onError(Throwable failed) {}

                    @Override
                    public void onCompleted() {}
                });
        for (long id = 1; id <= 100; id++) {
            renewals.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
            assertThat(renewed.take().getID()).isEqualTo(id);
        }
        renewals.onCompleted();
    }

    @Test
    void whatIsAnsweredOrGivenUpGivesItsBytesBack() throws Exception {
        ManagedChannel channel = connect();
        int held = putUntilRefused(channel);
        for (int i = 0; i < held; i++) {
            kv.answerOne();
        }
        assertThat(inFlightBytes()).isZero();
        assertThat(putUntilRefused(channel)).isEqualTo(held);
        channel.shutdownNow();
        while (inFlightBytes() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    @DisplayName("a call that could not be answered in time is refused at once; one that has the time is let in")
    void whatCannotBeAnsweredInTimeIsNotBegun() throws Exception {
        ManagedChannel channel = connect();
        for (int i = 0; i < Pace.ALWAYS + 40; i++) {
            var unused = KVGrpc.newFutureStub(channel).put(put(1));
        }
        while (kv.puts.get() < Pace.ALWAYS + 40) {
            Thread.onSpinWait();
        }
        // 10 in each window of 50 ms: 200 a second.
        for (int window = 0; window < 3; window++) {
            for (int i = 0; i < 10; i++) {
                kv.answerOne();
            }
            clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
        }
        int served = kv.puts.get();
        assertRefused(KVGrpc.newFutureStub(connect())
                .withDeadlineAfter(2, TimeUnit.SECONDS)
                .put(put(1)));
        assertThat(kv.puts.get()).isEqualTo(served);
        assertThat(refused("deadline")).isEqualTo(1);
        var unused = KVGrpc.newFutureStub(connect())
                .withDeadlineAfter(50, TimeUnit.SECONDS)
                .put(put(1));
        while (kv.puts.get() == served) {
            Thread.onSpinWait();
        }
    }

    @Test
    @DisplayName(
            "pitfall 62: a call that may have waited in its socket for half of its time is refused; deletes are not")
    void whatWasReadTooLateIsNotBegun() throws Exception {
        ManagedChannel channel = connect();
        arrival.set(TimeUnit.MILLISECONDS.toNanos(2_510));
        assertRefused(KVGrpc.newFutureStub(channel).put(put(1)));
        assertRefused(KVGrpc.newFutureStub(channel)
                .withDeadlineAfter(50, TimeUnit.SECONDS)
                .put(put(1)));
        assertThat(refused("backlog")).isEqualTo(2);
        DeleteRangeResponse unused =
                KVGrpc.newBlockingStub(channel).deleteRange(DeleteRangeRequest.getDefaultInstance());
        assertThat(kv.puts).hasValue(0);
        String path = "/" + KVGrpc.getPutMethod().getFullMethodName();
        assertThat(admission.turnsAway(path, Long.MAX_VALUE)).isTrue();
        assertThat(refused("backlog")).isEqualTo(3);
        assertThat(admission.turnsAway("/" + KVGrpc.getDeleteRangeMethod().getFullMethodName(), Long.MAX_VALUE))
                .isFalse();
        assertThat(admission.turnsAway("", 1)).isFalse();
        arrival.set(TimeUnit.MILLISECONDS.toNanos(2_490));
        assertThat(admission.turnsAway(path, Long.MAX_VALUE)).isFalse();
        assertThat(admission.turnsAway(path, TimeUnit.SECONDS.toNanos(4))).isTrue();
        begin(channel, 1);
    }

    private double pace() {
        Gauge<?> gauge =
                Objects.requireNonNull(registry.getGauges().get("axolotl_requests_pace_per_second{kind=\"write\"}"));
        return (Double) gauge.getValue();
    }

    private void begin(ManagedChannel channel, int count) {
        int before = kv.puts.get();
        for (int i = 0; i < count; i++) {
            var unused = KVGrpc.newFutureStub(channel).put(put(1));
        }
        while (kv.puts.get() < before + count) {
            Thread.onSpinWait();
        }
    }

    @Test
    @DisplayName(
            "pitfall 62: what fails, is given up or runs out of time at once does not make the server look fast, or more would be let in")
    void failuresAreNoProgress() throws Exception {
        ManagedChannel channel = connect();
        begin(channel, 120);
        for (int window = 0; window < 5; window++) {
            for (int i = 0; i < 10; i++) {
                kv.answerOne();
            }
            begin(channel, 10);
            clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
        }
        double before = pace();
        assertThat(before).isBetween(150.0, 250.0);
        for (Status why : List.of(
                Status.UNAVAILABLE,
                Status.INVALID_ARGUMENT,
                Status.PERMISSION_DENIED,
                Status.UNAUTHENTICATED,
                Status.DEADLINE_EXCEEDED)) {
            for (int i = 0; i < 50; i++) {
                kv.failOne(why);
            }
            begin(channel, 50);
            kv.answerOne();
            begin(channel, 1);
            clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
        }
        kv.answerOne();
        assertThat(pace()).isLessThanOrEqualTo(before);
    }

    /** A call without a connection, which notes how it was closed. */
    private static final class BareCall extends ServerCall<PutRequest, PutResponse> {
        final List<Status> closed = new ArrayList<>();

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(PutResponse message) {}

        @Override
        public void close(Status status, Metadata trailers) {
            closed.add(status);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<PutRequest, PutResponse> getMethodDescriptor() {
            return KVGrpc.getPutMethod();
        }
    }

    @Test
    @DisplayName(
            "A16: whoever sends more behind a message that was refused is closed once, and the service hears nothing")
    void whatFollowsARefusedMessageGoesNowhere() {
        BareCall call = new BareCall();
        AtomicInteger heard = new AtomicInteger();
        ServerCall.Listener<PutRequest> listener =
                admission.interceptCall(call, new Metadata(), (inner, headers) -> new ServerCall.Listener<>() {
                    @Override
                    public void onMessage(PutRequest message) {
                        heard.incrementAndGet();
                    }

                    @Override
                    public void onHalfClose() {
                        heard.incrementAndGet();
                    }
                });
        listener.onMessage(put((int) MAX_BYTES));
        listener.onMessage(put(1));
        listener.onHalfClose();
        listener.onComplete();
        assertThat(call.closed).extracting(Status::getCode).containsExactly(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(heard).hasValue(0);
        assertThat(inFlightBytes()).isZero();
    }

    @Test
    void theTextIsEtcds() {
        assertThat(EtcdError.TOO_MANY_REQUESTS.text()).isEqualTo("etcdserver: too many requests");
    }
}
