package io.axolotl.jepsen.sizes;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.jepsen.process.ProcessUse;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Many keys in one store: what it costs to write them, to hold them, and to start with them. */
final class KeysPart {
    private static final int CONNECTIONS = 4;
    private static final int READS_IN_FLIGHT = 100;

    /**
     * One look at the member. Immutable.
     *
     * @param keysPerSecond written since the last look
     */
    record Point(
            long keys,
            double keysPerSecond,
            long residentBytes,
            long anonymousBytes,
            long fileBytes,
            long heapBytes,
            long diskBytes) {}

    /**
     * What was found for one system. Immutable.
     *
     * @param curve while keys were written
     * @param keysPerSecond written, over all
     * @param sentAgain transactions that the server did not answer in time, or had no room for
     * @param startAfterStop until healthy
     * @param startAfterKill likewise
     * @param afterStart memory once it was healthy
     * @param afterReads memory after keys were read at random
     * @param faults what was not as it must be
     */
    record Result(
            Target system,
            List<Point> curve,
            double keysPerSecond,
            int sentAgain,
            Duration startAfterStop,
            Duration startAfterKill,
            Point afterStart,
            Point afterReads,
            double readsPerSecond,
            List<String> faults) {}

    private final SizesPlan plan;
    private final Subject subject;
    private final KeySpace keys;

    private KeysPart(SizesPlan plan, Subject subject) {
        this.plan = plan;
        this.subject = subject;
        this.keys = new KeySpace(plan.keys(), plan.valueBytes());
    }

    static Result run(Target system, SizesPlan plan, Consumer<String> progress) {
        try (Subject subject = Subject.start(system, plan, Optional.empty())) {
            return new KeysPart(plan, subject).run(progress);
        }
    }

    private Result run(Consumer<String> progress) {
        List<ManagedChannel> channels = subject.channels(CONNECTIONS);
        List<Point> curve = new ArrayList<>(List.of(point(0, 0)));
        Filler filler = new Filler(channels, keys, plan.putsPerTxn());
        long allNanos = 0;
        for (long from = 0; from < keys.size(); from += plan.step()) {
            long to = Math.min(keys.size(), from + plan.step());
            long start = System.nanoTime();
            filler.fill(from, to);
            long nanos = System.nanoTime() - start;
            allNanos += nanos;
            Point point = point(to, perSecond(to - from, nanos));
            curve.add(point);
            progress.accept(String.format(
                    "%s keys, %.0f/s, %s resident, %s on disk",
                    Text.count(to), point.keysPerSecond, Text.bytes(point.residentBytes), Text.bytes(point.diskBytes)));
        }
        if (filler.sentAgain() > 0) {
            progress.accept(filler.sentAgain() + " transactions were sent again");
        }
        Duration stopped = subject.restart();
        Duration killed = subject.restartAfterKill();
        Point afterStart = point(keys.size(), 0);
        progress.accept("healthy after " + Text.duration(stopped.toNanos()) + ", after a kill "
                + Text.duration(killed.toNanos()));
        List<String> faults = new ArrayList<>();
        long start = System.nanoTime();
        long wrong = read(channels);
        double readsPerSecond = perSecond(plan.reads(), System.nanoTime() - start);
        if (wrong > 0) {
            faults.add(wrong + " of " + plan.reads() + " keys did not have their value");
        }
        Point afterReads = point(keys.size(), 0);
        long count = subject.kv()
                .range(RangeRequest.newBuilder()
                        .setKey(KeySpace.FROM)
                        .setRangeEnd(KeySpace.TO)
                        .setCountOnly(true)
                        .build())
                .getCount();
        if (count != keys.size()) {
            faults.add("the store counts " + count + " keys instead of " + keys.size());
        }
        return new Result(
                subject.system(),
                curve,
                perSecond(keys.size(), allNanos),
                filler.sentAgain(),
                stopped,
                killed,
                afterStart,
                afterReads,
                readsPerSecond,
                faults);
    }

    private static double perSecond(long count, long nanos) {
        return count * 1e9 / Math.max(1, nanos);
    }

    private Point point(long written, double keysPerSecond) {
        ProcessUse use = subject.use();
        return new Point(
                written,
                keysPerSecond,
                use.residentBytes(),
                use.anonymousBytes(),
                use.fileBytes(),
                subject.heapBytes(),
                subject.diskBytes());
    }

    /** Reads keys at random; returns how many were not what they must be. */
    private long read(List<ManagedChannel> channels) {
        List<KVGrpc.KVStub> connections = channels.stream().map(KVGrpc::newStub).toList();
        SplittableRandom random = new SplittableRandom(plan.keys());
        Semaphore room = new Semaphore(READS_IN_FLIGHT);
        LongAdder wrong = new LongAdder();
        for (int read = 0; read < plan.reads(); read++) {
            long number = random.nextLong(keys.size());
            room.acquireUninterruptibly();
            connections
                    .get(read % connections.size())
                    .range(RangeRequest.newBuilder().setKey(keys.key(number)).build(), new StreamObserver<>() {
                        @Override
                        public void onNext(RangeResponse answer) {
                            if (answer.getKvsCount() != 1
                                    || !answer.getKvs(0).getValue().equals(keys.value(number))) {
                                wrong.increment();
                            }
                        }

                        @Override
                        public void onError(Throwable why) {
                            System.err.println("a read failed: " + Status.fromThrowable(why));
                            wrong.increment();
                            room.release();
                        }

                        @Override
                        public void onCompleted() {
                            room.release();
                        }
                    });
        }
        room.acquireUninterruptibly(READS_IN_FLIGHT);
        return wrong.sum();
    }
}
