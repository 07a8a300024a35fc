package io.axolotl.client.bench;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One connection and the clients on it. Nearly all of it happens on the connection's event loop; the monitor around the
 * bookkeeping is for the few events that come from elsewhere (the start, broken connections), and is hardly ever contended.
 */
final class Lane implements Load {
    /** A client whose operation failed waits this long: a dead server must not turn the bench into a busy loop. */
    private static final long PAUSE_AFTER_ERROR_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ManagedChannel channel;
    private final ScheduledExecutorService timer;
    private final Workload workload;
    private final Numbers numbers;
    private final SplittableRandom random;
    private final Schedule schedule;

    /** Between two operations of an open loop, 0 in a closed loop. */
    private final long intervalNanos;

    private final Tally tally;
    private final ArrayDeque<LoopClient> idle = new ArrayDeque<>();
    private long nextDueNanos;
    private int inFlight;

    /** Of each operation, 0 for none. */
    private final long deadlineNanos;

    Lane(
            ManagedChannel channel,
            ScheduledExecutorService timer,
            Workload workload,
            Numbers numbers,
            SplittableRandom random,
            Schedule schedule,
            double ratePerSecond,
            long deadlineNanos) {
        this.channel = channel;
        this.timer = timer;
        this.workload = workload;
        this.numbers = numbers;
        this.random = random;
        this.schedule = schedule;
        this.intervalNanos = ratePerSecond == 0 ? 0 : Math.max(1, Math.round(1e9 / ratePerSecond));
        this.nextDueNanos = schedule.startNanos();
        this.deadlineNanos = deadlineNanos;
        this.tally = new Tally(deadlineNanos);
    }

    /** Lets this many clients go. */
    @Override
    public void start(int clients) {
        for (int i = 0; i < clients; i++) {
            new LoopClient().next();
        }
        if (intervalNanos > 0) {
            var unused = timer.scheduleAtFixedRate(this::wakeIdle, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public synchronized int inFlight() {
        return inFlight;
    }

    /**
     * When the next operation is due: now in a closed loop. In an open loop the next free slot if its time has come; else -1,
     * and the client waits among the idle ones.
     */
    private synchronized long claimSlot(LoopClient client, long nowNanos) {
        if (intervalNanos == 0) {
            inFlight++;
            return nowNanos;
        }
        if (nextDueNanos - nowNanos > 0) {
            idle.add(client);
            return -1;
        }
        long due = nextDueNanos;
        nextDueNanos += intervalNanos;
        inFlight++;
        return due;
    }

    private synchronized Workload.Call<?> nextCall() {
        return workload.next(random);
    }

    private void wakeIdle() {
        while (true) {
            LoopClient client;
            synchronized (this) {
                client = nextDueNanos - System.nanoTime() <= 0 ? idle.poll() : null;
            }
            if (client == null) {
                return;
            }
            client.next();
        }
    }

    private synchronized void record(Status status, long dueNanos, long nowNanos) {
        inFlight--;
        if (nowNanos - schedule.measureFromNanos() < 0 || nowNanos - schedule.endNanos() >= 0) {
            return;
        }
        tally.ended(status, dueNanos, nowNanos);
    }

    /** One client: sends, waits for the answer, sends again, until the run is over. Also the listener of its own calls. */
    private final class LoopClient extends ClientCall.Listener<Object> {
        private final Supplier<Metadata> headers = numbers.ofAClient();
        private long dueNanos;

        void next() {
            long nowNanos = System.nanoTime();
            if (nowNanos - schedule.endNanos() >= 0) {
                return;
            }
            long due = claimSlot(this, nowNanos);
            if (due != -1) {
                dueNanos = due;
                send(nextCall());
            }
        }

        private <Q extends MessageLite> void send(Workload.Call<Q> next) {
            CallOptions options = deadlineNanos == 0
                    ? CallOptions.DEFAULT
                    : CallOptions.DEFAULT.withDeadlineAfter(deadlineNanos, TimeUnit.NANOSECONDS);
            start(channel.newCall(next.method(), options), next.request());
        }

        /** The type of the answer is of no interest: a listener of anything listens to it as well. */
        @SuppressWarnings("unchecked")
        private <Q, A> void start(ClientCall<Q, A> call, Q request) {
            call.start((ClientCall.Listener<A>) this, headers.get());
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            record(status, dueNanos, System.nanoTime());
            if (status.isOk()) {
                next();
            } else if (System.nanoTime() - schedule.endNanos() < 0 && !timer.isShutdown()) {
                var unused = timer.schedule(this::next, PAUSE_AFTER_ERROR_NANOS, TimeUnit.NANOSECONDS);
            }
        }
    }
}
