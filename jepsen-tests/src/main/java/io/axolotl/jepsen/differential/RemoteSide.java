package io.axolotl.jepsen.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.PutRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server behind its client port. Confined to one thread. */
final class RemoteSide implements Side {
    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});
    /** An answer that takes longer is one of its own, DEADLINE_EXCEEDED, and equals none. */
    private static final long CALL_SECONDS = 20;

    private final String name;
    private final Endpoint endpoint;
    private final Set<Feature> features;
    private Revisions revisions = new Revisions(Revisions.START);
    /** Absent where episodes do not watch. */
    private @Nullable Watchers watchers;

    /** @param features what episodes will use of the server */
    RemoteSide(String name, Endpoint endpoint, Set<Feature> features) {
        this.name = name;
        this.endpoint = endpoint;
        this.features = Set.copyOf(features);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void begin() {
        if (features.contains(Feature.LEASE)) {
            for (LeaseStatus lease : endpoint.lease()
                    .leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                    .getLeasesList()) {
                var unused = endpoint.lease()
                        .leaseRevoke(LeaseRevokeRequest.newBuilder()
                                .setID(lease.getID())
                                .build());
            }
        }
        long revision;
        do {
            // Grows the revision at least once, so that there is something to compact.
            var unused = endpoint.kv().put(PutRequest.newBuilder().setKey(ZERO).build());
            DeleteRangeResponse emptied = endpoint.kv()
                    .deleteRange(DeleteRangeRequest.newBuilder()
                            .setKey(ZERO)
                            .setRangeEnd(ZERO)
                            .build());
            revision = emptied.getHeader().getRevision();
        } while (revision < Revisions.START);
        var unused = endpoint.kv()
                .compact(CompactionRequest.newBuilder().setRevision(revision).build());
        revisions = new Revisions(revision);
        if (features.contains(Feature.WATCH)) {
            watchers = new Watchers(endpoint, revisions);
        }
    }

    @Override
    public void end() {
        if (watchers != null) {
            watchers.close();
        }
    }

    private Watchers watchers() {
        if (watchers == null) {
            throw new IllegalStateException("an episode watches, and its features do not say so");
        }
        return watchers;
    }

    @Override
    public Answer open(OpenWatch step, long compacted) {
        return watchers().open(step, compacted);
    }

    @Override
    public Answer cancel(CancelWatch step) {
        return watchers().cancel(step.number());
    }

    @Override
    public Answer progress(long revision) {
        return watchers().progress(revision);
    }

    @Override
    public boolean waitsForTheFuture(long revision) {
        return watchers().waitForTheFuture(revision);
    }

    @Override
    public Optional<String> settle(long revision, Duration patience) {
        return watchers == null ? Optional.empty() : watchers.settle(revision, patience);
    }

    @Override
    public boolean mayBeCutOffBy(long compaction) {
        return watchers != null && watchers.mayBeCutOffBy(compaction);
    }

    @Override
    public List<Event> history() {
        return watchers == null ? List.of() : watchers.history();
    }

    @Override
    public <Q extends Message, A extends Message> CompletableFuture<Answer> call(Call<Q, A> call) {
        ClientCall<Q, A> sent = endpoint.channel()
                .newCall(call.method(), CallOptions.DEFAULT.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS));
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Revisions counted = revisions;
        sent.start(
                new ClientCall.Listener<>() {
                    private final List<A> messages = new ArrayList<>();

                    @Override
                    public void onMessage(A message) {
                        messages.add(message);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        answer.complete(Answer.of(status, messages, counted));
                    }
                },
                new Metadata());
        sent.request(2);
        sent.sendMessage(counted.toServer(call.request()));
        sent.halfClose();
        return answer;
    }
}
