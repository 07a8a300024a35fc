package io.axolotl.client.bench;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One connection on which operations begin when they fall due, whatever became of those before: as many users as there are do, who
 * know nothing of each other. Each has a deadline that counts from when it fell due, and is given up there; so it is no
 * help to a server that this lane, or the network, holds requests back.
 *
 * <p>What counts is what fell due in the measured window.
 */
final class OpenLane implements Load {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final String NOT_SENT = "not sent in time";

    private final ManagedChannel channel;
    private final ScheduledExecutorService timer;
    private final Workload workload;
    private final SplittableRandom random;
    private final Schedule schedule;
    private final double intervalNanos;
    private final long deadlineNanos;

    private final Tally tally;
    private long sent;
    private long ended;

    OpenLane(
            ManagedChannel channel,
            ScheduledExecutorService timer,
            Workload workload,
            SplittableRandom random,
            Schedule schedule,
            double ratePerSecond,
            long deadlineNanos) {
        this.channel = channel;
        this.timer = timer;
        this.workload = workload;
        this.random = random;
        this.schedule = schedule;
        this.intervalNanos = 1e9 / ratePerSecond;
        this.deadlineNanos = deadlineNanos;
        this.tally = new Tally(deadlineNanos);
    }

    @Override
    public void start(int clients) {
        var unused = timer.scheduleAtFixedRate(this::sendDue, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    private long dueNanos(long number) {
        return schedule.startNanos() + (long) (number * intervalNanos);
    }

    private void sendDue() {
        long nowNanos = System.nanoTime();
        while (true) {
            long dueNanos;
            Workload.Call<?> next;
            synchronized (this) {
                dueNanos = dueNanos(sent);
                if (dueNanos - nowNanos > 0 || dueNanos - schedule.endNanos() >= 0) {
                    return;
                }
                sent++;
                next = workload.next(random);
            }
            long leftNanos = dueNanos + deadlineNanos - System.nanoTime();
            if (leftNanos > 0) {
                send(next, dueNanos, leftNanos);
            } else {
                ended(dueNanos, Status.DEADLINE_EXCEEDED.withDescription(NOT_SENT));
            }
        }
    }

    private <Q extends MessageLite> void send(Workload.Call<Q> next, long dueNanos, long leftNanos) {
        ClientCall<Q, ?> call =
                channel.newCall(next.method(), CallOptions.DEFAULT.withDeadlineAfter(leftNanos, TimeUnit.NANOSECONDS));
        start(call, next.request(), dueNanos);
    }

    private <Q, A> void start(ClientCall<Q, A> call, Q request, long dueNanos) {
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended(dueNanos, status);
                    }
                },
                new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    private synchronized void ended(long dueNanos, Status status) {
        ended++;
        if (dueNanos - schedule.measureFromNanos() >= 0) {
            tally.ended(status, dueNanos, System.nanoTime());
        }
    }

    @Override
    public Tally tally() {
        return tally;
    }

    /** Those that fall due and are not sent yet are under way too. */
    @Override
    public synchronized int inFlight() {
        boolean isAllSent = dueNanos(sent) - schedule.endNanos() >= 0;
        return (int) (sent - ended) + (isAllSent ? 0 : 1);
    }
}
