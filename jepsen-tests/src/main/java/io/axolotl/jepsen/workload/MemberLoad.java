package io.axolotl.jepsen.workload;

import com.google.protobuf.ByteString;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.transport.NettyTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Load through the client port of every member at once, each call sent to one member and once: what no member answers, nobody
 * could have had. The members are loaded alike and out of step with each other:
 *
 * <ul>
 *   <li>a write and a linearizable read every period, open loop: they are sent when due, whether or not those before were answered;
 *   <li>a steady writer, who waits for each write before the next and makes at most one every period: the rate that a program would
 *       have seen.
 * </ul>
 *
 * <p>With {@link #PERIOD} that is far below what three servers on two processors can do: the time without service is to be seen, not the time to
 * work off a queue.
 *
 * <p>Every write is a {@link UniqueWrite} in a {@link Ledger}; what was not acknowledged counts as unknown. Every read asks for the
 * newest write that any member had acknowledged when it was sent, and must see it: anything else is a stale read.
 *
 * <p>Safe for all threads.
 */
public final class MemberLoad implements AutoCloseable {
    /** Of a load that is to show how long nobody was served. */
    public static final Duration PERIOD = Duration.ofMillis(20);

    private static final Duration OPEN_LOOP_BOUND = Duration.ofSeconds(1);
    /** Longer than a slow disk holds a write up. */
    private static final Duration STEADY_BOUND = Duration.ofSeconds(5);

    /** One open loop and one steady writer. */
    private static final int WRITERS_PER_MEMBER = 2;

    private static final int EXAMPLES = 5;

    private final NettyTransport transport = new NettyTransport(
            "member-load",
            1,
            new NettyTransport.Settings(
                    Duration.ofMillis(250), Duration.ofSeconds(30), Duration.ofSeconds(10), Optional.empty(), false));
    private final Timeline timeline = new Timeline();
    private final Ledger ledger;
    private final int mostMembers;
    private final long periodNanos;
    private final Map<String, Stream> streams = new ConcurrentHashMap<>();
    private final AtomicInteger membersEver = new AtomicInteger();
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong staleReads = new AtomicLong();
    private final List<String> staleExamples = new ArrayList<>();
    private final Thread clock = new Thread(this::tick, "member-load-clock");
    private volatile @Nullable Acknowledged newest;
    private volatile boolean stopping;

    private record Acknowledged(ByteString key, long revision) {}

    /**
     * Starts with no members.
     *
     * @param prefix of all keys
     * @param mostMembers how many will be added in all
     * @param period between two writes of one kind to one member
     */
    public static MemberLoad start(String prefix, int mostMembers, Duration period) {
        MemberLoad load = new MemberLoad(prefix, mostMembers, period);
        load.clock.setDaemon(true);
        load.clock.start();
        return load;
    }

    private MemberLoad(String prefix, int mostMembers, Duration period) {
        this.periodNanos = period.toNanos();
        this.ledger = new Ledger(prefix, mostMembers * WRITERS_PER_MEMBER);
        this.mostMembers = mostMembers;
    }

    /** Loads a member from now on; also one that does not live yet. */
    public void add(String member, String clientUrl) {
        int number = membersEver.getAndIncrement();
        if (number >= mostMembers) {
            throw new IllegalStateException("this load was made for " + mostMembers + " members in all");
        }
        Stream stream = new Stream(new MemberLink(transport, member, clientUrl), number);
        streams.put(member, stream);
        stream.beginSteady();
    }

    /** Leaves a member alone from now on. */
    public void remove(String member) {
        Stream stream = streams.remove(member);
        if (stream != null) {
            stream.ended = true;
            stream.link.close();
        }
    }

    public Timeline timeline() {
        return timeline;
    }

    public Ledger ledger() {
        return ledger;
    }

    /** Reads that did not see a write that had been acknowledged before they were sent (I5). */
    public long staleReads() {
        return staleReads.get();
    }

    /** The first few of them in words. */
    public List<String> staleExamples() {
        synchronized (staleExamples) {
            return List.copyOf(staleExamples);
        }
    }

    private void tick() {
        long due = System.nanoTime();
        while (!stopping) {
            List<Stream> now = List.copyOf(streams.values());
            for (int i = 0; i < now.size() && !stopping; i++) {
                park(due + i * periodNanos / now.size());
                now.get(i).probe();
            }
            due += periodNanos;
            park(due);
        }
    }

    private void park(long untilNanos) {
        while (!stopping && System.nanoTime() < untilNanos) {
            LockSupport.parkNanos(untilNanos - System.nanoTime());
        }
    }

    /** What goes to one member. */
    private final class Stream {
        private final MemberLink link;
        private final int firstWriter;
        private int nextProbe;
        private volatile boolean ended;

        Stream(MemberLink link, int number) {
            this.link = link;
            this.firstWriter = number * WRITERS_PER_MEMBER;
        }

        /** Confined to the clock's thread. */
        void probe() {
            write(
                    new UniqueWrite(ledger.prefix(), firstWriter, nextProbe++),
                    OPEN_LOOP_BOUND,
                    Timeline.Kind.WRITE,
                    () -> {});
            read();
        }

        void beginSteady() {
            steady(firstWriter + 1, 0);
        }

        private void steady(int writer, int sequence) {
            long begun = System.nanoTime();
            write(new UniqueWrite(ledger.prefix(), writer, sequence), STEADY_BOUND, Timeline.Kind.STEADY_WRITE, () -> {
                if (!stopping) {
                    long pause = Math.max(1, begun + periodNanos - System.nanoTime());
                    var unused =
                            transport.timer().schedule(() -> steady(writer, sequence + 1), pause, TimeUnit.NANOSECONDS);
                }
            });
        }

        private void write(UniqueWrite write, Duration bound, Timeline.Kind kind, Runnable then) {
            ByteString key = ByteString.copyFrom(write.key().toByteArray());
            PutRequest request = PutRequest.newBuilder()
                    .setKey(key)
                    .setValue(ByteString.copyFrom(write.value().toByteArray()))
                    .build();
            if (!begin()) {
                return;
            }
            link.<PutRequest, PutResponse>call(KVGrpc.getPutMethod(), request, bound, answer -> {
                if (answer.isPresent()) {
                    long revision = answer.get().getHeader().getRevision();
                    ledger.acknowledge(write, revision);
                    acknowledge(key, revision);
                    timeline.add(link.member(), kind, System.nanoTime());
                } else {
                    ledger.leaveUnknown(write);
                }
                pending.decrementAndGet();
                then.run();
            });
        }

        /** Counts a call first and looks then, so that {@link #stop} either sees it or prevents it. */
        private boolean begin() {
            pending.incrementAndGet();
            if (stopping || ended) {
                pending.decrementAndGet();
                return false;
            }
            return true;
        }

        private void read() {
            Acknowledged expected = newest;
            if (expected == null || !begin()) {
                return;
            }
            RangeRequest request =
                    RangeRequest.newBuilder().setKey(expected.key).build();
            link.<RangeRequest, RangeResponse>call(KVGrpc.getRangeMethod(), request, OPEN_LOOP_BOUND, answer -> {
                if (answer.isPresent()) {
                    timeline.add(link.member(), Timeline.Kind.READ, System.nanoTime());
                    check(expected, answer.get());
                }
                pending.decrementAndGet();
            });
        }

        private void check(Acknowledged expected, RangeResponse answer) {
            if (answer.getKvsCount() == 1 && answer.getKvs(0).getModRevision() == expected.revision) {
                return;
            }
            staleReads.incrementAndGet();
            synchronized (staleExamples) {
                if (staleExamples.size() < EXAMPLES) {
                    staleExamples.add(link.member() + " answered a read of " + expected.key.toStringUtf8() + " with "
                            + (answer.getKvsCount() == 0 ? "nothing" : "another revision") + " at revision "
                            + answer.getHeader().getRevision() + ", after its write was acknowledged at "
                            + expected.revision);
                }
            }
        }
    }

    /** The network has one thread: nobody else writes this field. */
    private void acknowledge(ByteString key, long revision) {
        Acknowledged before = newest;
        if (before == null || before.revision < revision) {
            newest = new Acknowledged(key, revision);
        }
    }

    /**
     * Ends the load and waits until every call has ended.
     *
     * @return the complete ledger
     */
    public Ledger stop() {
        stopping = true;
        LockSupport.unpark(clock);
        long deadline = System.nanoTime() + STEADY_BOUND.multipliedBy(2).toNanos();
        while (pending.get() > 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(pending.get() + " calls do not end, although each has a deadline");
            }
            LockSupport.parkNanos(periodNanos);
        }
        return ledger;
    }

    /** The end of {@link #stop} with a judgement: all that was written is looked for. */
    public Audit audit(AxolotlClient client) {
        return Audit.of(stop(), client);
    }

    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(clock);
        streams.values().forEach(stream -> stream.link.close());
        transport.close();
    }
}
