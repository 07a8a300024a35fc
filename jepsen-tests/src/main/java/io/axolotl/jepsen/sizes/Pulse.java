package io.axolotl.jepsen.sizes;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Writes keys at random at a steady rate, whether the server keeps up or not. Every value begins with when it was due, on the clock of
 * {@link System#nanoTime}: what is measured from there includes every delay, also those of this sender. Confined to one thread.
 */
final class Pulse {
    /** In place of a time: nobody is to measure this change. */
    static final long UNRECORDED = 0;

    private static final int MOST_IN_FLIGHT = 20_000;
    private static final long ANSWER_SECONDS = 60;
    private static final int SIGNIFICANT_DIGITS = 3;

    private final List<KVGrpc.KVStub> connections;
    private final WatchedKeys keys;
    private final int ratePerSecond;
    private final byte[] value;
    private final SplittableRandom random = new SplittableRandom(1);

    /**
     * What became of the changes. Immutable by convention.
     *
     * @param failed without an answer or with an error; whether they happened is for the store to say
     * @param acknowledged nanoseconds from when a change was due until it was acknowledged
     */
    record Result(long sent, long failed, Histogram acknowledged) {}

    Pulse(List<ManagedChannel> channels, WatchedKeys keys, int valueBytes, int ratePerSecond) {
        this.connections = channels.stream().map(KVGrpc::newStub).toList();
        this.keys = keys;
        this.ratePerSecond = ratePerSecond;
        this.value = new byte[valueBytes];
        random.nextBytes(value);
    }

    /** What a value says. */
    static long dueNanos(ByteString value) {
        return value.asReadOnlyByteBuffer().getLong(0);
    }

    /** Returns when all are answered. */
    Result run(double seconds, boolean isRecorded) {
        long count = Math.round(seconds * ratePerSecond);
        Histogram acknowledged = new ConcurrentHistogram(SIGNIFICANT_DIGITS);
        AtomicLong failed = new AtomicLong();
        Semaphore room = new Semaphore(MOST_IN_FLIGHT);
        long start = System.nanoTime();
        for (long number = 0; number < count; number++) {
            long due = start + number * TimeUnit.SECONDS.toNanos(1) / ratePerSecond;
            long left;
            while ((left = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(left);
            }
            room.acquireUninterruptibly();
            ByteBuffer.wrap(value).putLong(0, isRecorded ? due : UNRECORDED);
            PutRequest put = PutRequest.newBuilder()
                    .setKey(keys.key(random.nextInt(keys.count())))
                    .setValue(ByteString.copyFrom(value))
                    .build();
            connections
                    .get((int) (number % connections.size()))
                    .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .put(put, new Outcome(due, acknowledged, failed, room));
        }
        room.acquireUninterruptibly(MOST_IN_FLIGHT);
        return new Result(count, failed.get(), acknowledged);
    }

    private record Outcome(long dueNanos, Histogram acknowledged, AtomicLong failed, Semaphore room)
            implements StreamObserver<PutResponse> {
        @Override
        public void onNext(PutResponse answer) {
            acknowledged.recordValue(Math.max(0, System.nanoTime() - dueNanos));
        }

        @Override
        public void onError(Throwable why) {
            if (failed.getAndIncrement() == 0) {
                System.err.println("a change failed: " + Status.fromThrowable(why));
            }
            room.release();
        }

        @Override
        public void onCompleted() {
            room.release();
        }
    }
}
