package io.axolotl.jepsen.sizes;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * One watch stream and its watchers. It asks for a message when it is done with the one before, or, while it does not read, for the
 * answers to its own requests and for nothing more. Safe for all threads.
 */
final class WatchCall {
    private final ClientCall<WatchRequest, WatchResponse> call;
    private final List<Witness> witnesses;
    private final Recorder delays;
    private final boolean isReadingFromStart;
    private volatile boolean isReading;

    /** Guarded by this, as are the witnesses. */
    private int created;

    private @Nullable String end;

    /**
     * @param witnesses a watcher each
     * @param delays gets nanoseconds from when a change was due until it came, of the changes that ask for it
     */
    WatchCall(Channel channel, List<Witness> witnesses, Recorder delays, boolean isReading) {
        this.call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        this.witnesses = List.copyOf(witnesses);
        this.delays = delays;
        this.isReadingFromStart = isReading;
        this.isReading = isReading;
    }

    /** Asks for the watchers, from now on. */
    void open() {
        call.start(new Listener(), new Metadata());
        call.request(isReadingFromStart ? 1 : witnesses.size());
        for (int number = 0; number < witnesses.size(); number++) {
            Witness witness = witnesses.get(number);
            WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
                    .setKey(witness.keys().key(witness.first()))
                    .setWatchId(number + 1L);
            if (witness.count() > 1) {
                create.setRangeEnd(witness.keys().key(witness.first() + witness.count()));
            }
            call.sendMessage(WatchRequest.newBuilder().setCreateRequest(create).build());
        }
    }

    /** Whether the server has said so of each watcher. */
    synchronized boolean isOpen() {
        return created == witnesses.size();
    }

    /** Reads from now on. */
    void read() {
        isReading = true;
        call.request(1);
    }

    /** Why no more will come, if the server has said so. */
    synchronized Optional<String> end() {
        return Optional.ofNullable(end);
    }

    /** @param now versions of all keys in the store */
    synchronized Witness.Verdict verdict(long[] now) {
        return witnesses.stream()
                .map(witness -> witness.verdict(now))
                .reduce(Witness.Verdict.NOTHING, Witness.Verdict::plus);
    }

    synchronized long outstanding(long[] now) {
        return witnesses.stream().mapToLong(witness -> witness.outstanding(now)).sum();
    }

    void close() {
        call.cancel("the measurement is over", null);
    }

    private synchronized void take(WatchResponse response) {
        if (response.getCreated()) {
            created++;
        }
        if (response.getCanceled()) {
            end = "watcher " + response.getWatchId() + " was cancelled: " + response.getCancelReason();
        }
        long now = System.nanoTime();
        for (Event event : response.getEventsList()) {
            long dueNanos = Pulse.dueNanos(event.getKv().getValue());
            if (dueNanos != Pulse.UNRECORDED) {
                delays.recordValue(Math.max(0, now - dueNanos));
            }
            witnesses.get((int) response.getWatchId() - 1).take(event);
        }
    }

    private synchronized void ended(Status status) {
        end = "a watch stream ended: " + status;
    }

    private final class Listener extends ClientCall.Listener<WatchResponse> {
        @Override
        public void onMessage(WatchResponse response) {
            take(response);
            if (isReading) {
                call.request(1);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended(status);
        }
    }
}
