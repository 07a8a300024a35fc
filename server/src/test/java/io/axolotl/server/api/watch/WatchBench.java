package io.axolotl.server.api.watch;

import com.codahale.metrics.MetricRegistry;
import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.WatchCancelRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchProgressRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.server.api.FakeNode;
import io.axolotl.storage.command.Command;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A hub over a {@link FakeNode}, turned by hand, with a clock that stands still unless it is moved. */
final class WatchBench implements AutoCloseable {
    static final WatchLimits LIMITS = limits(1_000, 64 << 10, 64 << 20, 64 << 20);

    /** Those that tests make small; the others are of a size that does not matter to them. */
    static WatchLimits limits(int sweepEvents, int messageBytes, long maxRevisionBytes, long maxUnsentBytes) {
        return new WatchLimits(
                sweepEvents,
                1 << 20,
                50_000,
                messageBytes,
                2 << 20,
                maxRevisionBytes,
                maxUnsentBytes,
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                Duration.ofSeconds(1));
    }

    final FakeNode node = new FakeNode(4 << 20);
    final MetricRegistry registry = new MetricRegistry();
    final WatchHub hub;
    long nowNanos;

    WatchBench() {
        this(LIMITS);
    }

    WatchBench(WatchLimits limits) {
        this(limits, TimeUnit.HOURS.toNanos(1));
    }

    WatchBench(WatchLimits limits, long startNanos) {
        nowNanos = startNanos;
        hub = new WatchHub(
                node,
                limits,
                new Forms(
                        revision -> ResponseHeader.newBuilder()
                                .setClusterId(FakeNode.CLUSTER_ID)
                                .setMemberId(FakeNode.SELF.value())
                                .setRevision(revision)
                                .build(),
                        WatchBench::form),
                new WatchMetrics(registry),
                () -> nowNanos,
                new SplittableRandom(1));
    }

    static KeyValue form(io.axolotl.storage.mvcc.KeyValue kv) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFrom(kv.key()))
                .setCreateRevision(kv.createRevision())
                .setModRevision(kv.modRevision())
                .setVersion(kv.version())
                .setValue(ByteString.copyFrom(kv.value()))
                .setLease(kv.lease())
                .build();
    }

    /** Turns until nothing is left to do. */
    void settle() {
        for (int turns = 0; hub.runOnce(); turns++) {
            if (turns > 100_000) {
                throw new AssertionError("the hub does not come to rest");
            }
        }
    }

    /** What a metric says now. */
    long gauge(String name) {
        return (Long) Objects.requireNonNull(registry.getGauges().get(name)).getValue();
    }

    void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    /** One client, whose stream is open. */
    final class Client {
        final FakeOutput output = new FakeOutput();
        final WatchStream stream;

        Client(boolean needsLeader) {
            stream = hub.open(output, needsLeader, WatchRight.EVERYTHING);
        }

        void create(WatchCreateRequest.Builder request) {
            stream.received(WatchRequest.newBuilder().setCreateRequest(request).build());
        }

        void cancel(long id) {
            stream.received(WatchRequest.newBuilder()
                    .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                    .build());
        }

        void askProgress() {
            stream.received(WatchRequest.newBuilder()
                    .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                    .build());
        }

        void hasRoomFor(int messages) {
            output.hasRoomFor(messages);
            if (messages > 0) {
                stream.becameReady();
            }
        }

        List<WatchResponse> sent() {
            settle();
            return output.takeSent();
        }

        /** Revisions of the events that were sent since the last look. */
        List<Long> revisions() {
            return sent().stream()
                    .flatMap(response -> response.getEventsList().stream())
                    .map(event -> event.getKv().getModRevision())
                    .toList();
        }
    }

    Client client() {
        return new Client(false);
    }

    static WatchCreateRequest.Builder key(String key) {
        return WatchCreateRequest.newBuilder().setKey(bytes(key));
    }

    static WatchCreateRequest.Builder range(String key, String end) {
        return key(key).setRangeEnd(bytes(end));
    }

    static WatchCreateRequest.Builder everything() {
        return WatchCreateRequest.newBuilder().setRangeEnd(ByteString.copyFrom(new byte[1]));
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static String text(Event event) {
        KeyValue kv = event.getKv();
        return event.getType() + " " + kv.getKey().toStringUtf8() + "@" + kv.getModRevision();
    }

    static List<String> texts(List<WatchResponse> responses) {
        return responses.stream()
                .flatMap(response -> response.getEventsList().stream())
                .map(WatchBench::text)
                .toList();
    }

    // ---- writes ----

    static Command.Put putOf(String key, String value) {
        return new Command.Put(utf8(key), utf8(value), 0, false, false, false);
    }

    static Command.DeleteRange deleteOf(String key, String end) {
        return new Command.DeleteRange(utf8(key), utf8(end), false);
    }

    void apply(Command command) {
        node.propose(command, result -> {});
    }

    void put(String key, String value) {
        apply(putOf(key, value));
    }

    void delete(String key) {
        apply(deleteOf(key, ""));
    }

    void deleteRange(String key, String end) {
        apply(deleteOf(key, end));
    }

    void txn(Command.Op... ops) {
        apply(new Command.Txn(List.of(), List.of(ops), List.of()));
    }

    /** As many revisions, one put each. */
    void puts(int count) {
        for (int i = 0; i < count; i++) {
            put("k" + i % 7, "v" + i);
        }
    }

    void compact(long revision) {
        apply(new Command.Compact(revision, false));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static List<Long> revisions(long from, long through) {
        List<Long> revisions = new ArrayList<>();
        for (long revision = from; revision <= through; revision++) {
            revisions.add(revision);
        }
        return revisions;
    }

    @Override
    public void close() {
        node.close();
    }
}
