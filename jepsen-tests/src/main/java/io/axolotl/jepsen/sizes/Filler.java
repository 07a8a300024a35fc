package io.axolotl.jepsen.sizes;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes the keys of a key space, many transactions at a time; one that the server is too busy for is sent again: it
 * writes the same values, so it does not matter whether it was done. The methods are confined to one thread.
 */
final class Filler {
    private static final int MOST_PUTS_IN_FLIGHT = 6_400;
    private static final int MOST_SENT_AGAIN = 50_000;
    private static final long STEP_SECONDS = 600;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<KVGrpc.KVStub> connections;
    private final KeySpace keys;
    private final int putsPerTxn;
    private final int mostInFlight;
    private final Semaphore room;
    /** First numbers of transactions that were refused. */
    private final Queue<Long> refused = new ConcurrentLinkedQueue<>();

    private final AtomicInteger again = new AtomicInteger();
    private volatile @Nullable Status failure;
    private int turn;

    Filler(List<ManagedChannel> channels, KeySpace keys, int putsPerTxn) {
        this.connections = channels.stream().map(KVGrpc::newStub).toList();
        this.keys = keys;
        this.putsPerTxn = putsPerTxn;
        this.mostInFlight = Math.max(16, MOST_PUTS_IN_FLIGHT / putsPerTxn);
        this.room = new Semaphore(mostInFlight);
    }

    /** Transactions that were sent again so far. */
    int sentAgain() {
        return again.get();
    }

    /** Returns when all keys with numbers from {@code from} to before {@code to} are written. */
    void fill(long from, long to) {
        for (long first = from; first < to; first += putsPerTxn) {
            send(first, to);
        }
        do {
            acquire(mostInFlight);
            room.release(mostInFlight);
            Long first;
            while ((first = refused.poll()) != null) {
                LockSupport.parkNanos(PAUSE_NANOS);
                send(first, to);
            }
        } while (room.availablePermits() < mostInFlight || !refused.isEmpty());
        check();
    }

    private void send(long first, long to) {
        acquire(1);
        check();
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (long number = first; number < Math.min(to, first + putsPerTxn); number++) {
            txn.addSuccess(RequestOp.newBuilder()
                    .setRequestPut(
                            PutRequest.newBuilder().setKey(keys.key(number)).setValue(keys.value(number))));
        }
        connections.get(turn++ % connections.size()).txn(txn.build(), new Outcome(first));
    }

    private void acquire(int permits) {
        try {
            if (!room.tryAcquire(permits, STEP_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the server has not answered a write for " + STEP_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while filling the store", e);
        }
    }

    private void check() {
        Status status = failure;
        if (status != null) {
            throw new IllegalStateException("the store cannot be filled: " + status);
        }
    }

    private final class Outcome implements StreamObserver<TxnResponse> {
        private final long first;

        Outcome(long first) {
            this.first = first;
        }

        @Override
        public void onNext(TxnResponse answer) {}

        @Override
        public void onError(Throwable why) {
            Status status = Status.fromThrowable(why);
            boolean isBusy =
                    status.getCode() == Status.Code.RESOURCE_EXHAUSTED || status.getCode() == Status.Code.UNAVAILABLE;
            if (isBusy && again.incrementAndGet() <= MOST_SENT_AGAIN) {
                refused.add(first);
            } else {
                failure = status;
            }
            room.release();
        }

        @Override
        public void onCompleted() {
            room.release();
        }
    }
}
