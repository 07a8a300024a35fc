package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCancelRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchProgressRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.jepsen.differential.Endpoint;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One stream of watches: requests are sent as they are, answers taken one by one. Confined to one thread. */
final class WatchStream implements AutoCloseable {
    private static final long BOUND_SECONDS = 20;

    private final BlockingQueue<WatchResponse> answers = new LinkedBlockingQueue<>();
    private final StreamObserver<WatchRequest> requests;

    WatchStream(Endpoint endpoint) {
        this.requests = WatchGrpc.newStub(endpoint.channel()).watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse answer) {
                answers.add(answer);
            }

            @Override
            public void onError(Throwable end) {
                // Whoever waits for an answer finds that none comes.
            }

            @Override
            public void onCompleted() {
                // As above.
            }
        });
    }

    void send(WatchRequest.Builder request) {
        requests.onNext(request.build());
    }

    void create(WatchCreateRequest.Builder create) {
        send(WatchRequest.newBuilder().setCreateRequest(create));
    }

    /** Creates a watcher and takes the answer, which must say that it was made. */
    WatchResponse created(WatchCreateRequest.Builder create) {
        create(create);
        WatchResponse answer = next();
        assertThat(answer.getCreated()).as("%s", answer).isTrue();
        assertThat(answer.getCanceled()).as("%s", answer).isFalse();
        assertThat(answer.getEventsList()).isEmpty();
        return answer;
    }

    void cancel(long watchId) {
        send(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watchId)));
    }

    void askForProgress() {
        send(WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()));
    }

    /** Says that no further requests come. */
    void halfClose() {
        requests.onCompleted();
    }

    /** The next message, whatever it is. */
    WatchResponse next() {
        try {
            WatchResponse answer = answers.poll(BOUND_SECONDS, TimeUnit.SECONDS);
            assertThat(answer)
                    .as("an answer on the stream within %d s", BOUND_SECONDS)
                    .isNotNull();
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a watch", e);
        }
    }

    /** The events of the next messages, all of one watcher, until there are so many. */
    List<Event> events(long watchId, int count) {
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            WatchResponse answer = next();
            assertThat(answer.getWatchId()).as("%s", answer).isEqualTo(watchId);
            assertThat(answer.getCanceled()).as("%s", answer).isFalse();
            events.addAll(answer.getEventsList());
        }
        assertThat(events).hasSize(count);
        return events;
    }

    @Override
    public void close() {
        requests.onError(io.grpc.Status.CANCELLED.asRuntimeException());
    }
}
