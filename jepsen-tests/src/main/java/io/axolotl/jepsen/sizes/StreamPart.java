package io.axolotl.jepsen.sizes;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RangeStreamResponse;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All of a large store in one reading, in three ways. */
final class StreamPart {
    private static final int CONNECTIONS = 4;
    private static final int PAGE_KEYS = 10_000;
    private static final RangeRequest ALL = RangeRequest.newBuilder()
            .setKey(KeySpace.FROM)
            .setRangeEnd(KeySpace.TO)
            .build();

    /** How to read. */
    enum Way {
        STREAM("RangeStream"),
        PAGES("Range by pages of 10,000"),
        WHOLE("one Range");

        final String title;

        Way(String title) {
            this.title = title;
        }
    }

    /**
     * What one way came to: the reading of median time, and the worst growth of all. Immutable.
     *
     * @param bytes of keys and values
     * @param peak of the member's memory meanwhile
     * @param refusal in the server's words, instead of an answer; empty if there was one
     */
    record Result(
            Target system,
            Way way,
            long keys,
            long bytes,
            double seconds,
            double serverCpuSeconds,
            Peak.Seen peak,
            String refusal,
            List<String> faults) {}

    /** What has arrived. Confined to the reading thread. */
    private static final class Received {
        private long keys;
        private long bytes;
        private long fingerprint;
        private @Nullable ByteString last;
        private boolean isOutOfOrder;

        void take(List<KeyValue> pairs) {
            for (KeyValue pair : pairs) {
                keys++;
                bytes += pair.getKey().size() + pair.getValue().size();
                fingerprint += KeySpace.fingerprint(pair);
                ByteString before = last;
                isOutOfOrder |= before != null
                        && ByteString.unsignedLexicographicalComparator().compare(before, pair.getKey()) >= 0;
                last = pair.getKey();
            }
        }
    }

    private StreamPart() {}

    static List<Result> run(Target system, SizesPlan plan, Consumer<String> progress) {
        KeySpace keys = new KeySpace(plan.streamKeys(), plan.valueBytes());
        long fingerprint = keys.fingerprint();
        try (Subject subject = Subject.start(system, plan, Optional.of(plan.heap()))) {
            new Filler(subject.channels(CONNECTIONS), keys, plan.putsPerTxn()).fill(0, keys.size());
            List<Result> results = new ArrayList<>();
            for (Way way : Way.values()) {
                List<Result> repeats = new ArrayList<>();
                for (int repeat = 0; repeat < plan.repeats(); repeat++) {
                    repeats.add(read(subject, way, keys, fingerprint));
                }
                Result result = median(repeats);
                results.add(result);
                progress.accept(way.title + ": "
                        + (result.refusal.isEmpty()
                                ? Text.count(result.keys) + " keys in " + Text.duration((long) (result.seconds * 1e9))
                                : result.refusal));
            }
            return results;
        }
    }

    private static Result read(Subject subject, Way way, KeySpace keys, long fingerprint) {
        KVGrpc.KVBlockingStub kv = subject.kv();
        Received received = new Received();
        String refusal = "";
        long cpu = subject.cpuNanos();
        long start = System.nanoTime();
        Peak.Seen seen;
        try (Peak peak = new Peak(subject)) {
            try {
                switch (way) {
                    case STREAM -> stream(kv, received);
                    case PAGES -> pages(kv, received);
                    case WHOLE -> received.take(kv.range(ALL).getKvsList());
                }
            } catch (StatusRuntimeException e) {
                refusal = e.getStatus().getCode() + ": " + e.getStatus().getDescription();
            }
            seen = peak.seen();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        List<String> faults = new ArrayList<>();
        if (refusal.isEmpty() && (received.keys != keys.size() || received.fingerprint != fingerprint)) {
            faults.add(way.title + ": " + received.keys + " keys, and not the " + keys.size() + " that were written");
        }
        if (received.isOutOfOrder) {
            faults.add(way.title + ": keys out of order");
        }
        if (!refusal.isEmpty() && way == Way.STREAM && subject.system() == Target.AXOLOTL) {
            faults.add(way.title + ": " + refusal);
        }
        return new Result(
                subject.system(),
                way,
                received.keys,
                received.bytes,
                seconds,
                (subject.cpuNanos() - cpu) / 1e9,
                seen,
                refusal,
                faults);
    }

    private static Result median(List<Result> repeats) {
        List<Result> sorted = repeats.stream()
                .sorted(Comparator.comparingDouble(Result::seconds))
                .toList();
        Result middle = sorted.get((sorted.size() - 1) / 2);
        Peak.Seen worst = repeats.stream()
                .map(Result::peak)
                .max(Comparator.comparingLong(Peak.Seen::growthBytes))
                .orElseThrow();
        return new Result(
                middle.system,
                middle.way,
                middle.keys,
                middle.bytes,
                middle.seconds,
                middle.serverCpuSeconds,
                worst,
                middle.refusal,
                repeats.stream().flatMap(one -> one.faults.stream()).distinct().toList());
    }

    private static void stream(KVGrpc.KVBlockingStub kv, Received received) {
        // Takes the next piece when the last one is done: the server may not run ahead further than the connection's
        // window.
        Iterator<RangeStreamResponse> pieces = kv.rangeStream(ALL);
        while (pieces.hasNext()) {
            received.take(pieces.next().getRangeResponse().getKvsList());
        }
    }

    private static void pages(KVGrpc.KVBlockingStub kv, Received received) {
        RangeRequest.Builder next = ALL.toBuilder().setLimit(PAGE_KEYS);
        RangeResponse page;
        do {
            page = kv.range(next.build());
            received.take(page.getKvsList());
            ByteString last = received.last;
            if (last != null) {
                next.setKey(last.concat(ByteString.copyFrom(new byte[1])))
                        .setRevision(page.getHeader().getRevision());
            }
        } while (page.getMore());
    }
}
