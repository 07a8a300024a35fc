package io.axolotl.jepsen.chaos.measure;

import com.google.protobuf.ByteString;
import io.axolotl.client.BadEndpointException;
import io.axolotl.client.Endpoint;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.transport.NettyTransport;
import io.axolotl.jepsen.chaos.Probe;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.workload.MemberLink;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks every member, and as a client that may choose one of them, for a small write to a key of that stream's own and for a linearizable read of it,
 * once every period each. Each probe is sent once, to one member, when it is due, whatever became of those before; what has not answered within the
 * bound has failed. A probe that this process could not send in time, or for which it has too many under way, says nothing about a server: it is
 * left out, and in {@link #notSent}.
 *
 * <p>The time that a probe took counts from when it was due. It is raw gRPC, without a repetition anywhere: what is measured is the server, and any etcd v3
 * server is measured alike. Safe for all threads.
 */
public final class Prober implements AutoCloseable {
    private static final String WRITE = "write";
    private static final String READ = "read";
    /** How long {@link #stop} waits beyond the bound for answers that must have come or been given up by then. */
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** A connection that has brought no answer for so long is made anew. */
    private static final long RENEW_NANOS = 1_000_000_000L;
    /** Over which {@link #isSteady} looks back, and how much of it must have been served. */
    private static final long STEADY_NANOS = 1_000_000_000L;

    private static final double STEADY_SHARE = 0.99;

    /**
     * How often, and how long.
     *
     * @param period of each stream
     * @param bound most time that an answer may take
     * @param mostOpen probes under way per member: more there cannot be, whatever servers do, if this process ends them in time
     */
    record Rhythm(Duration period, Duration bound, int mostOpen) {
        /** Of faults.md §7.1. A member that never answers has ten of each of four kinds open: two of its own, two of who may choose. */
        static final Rhythm DEFAULT = new Rhythm(Duration.ofMillis(10), Duration.ofMillis(100), 48);
    }

    private final Rhythm rhythm;
    private final long originNanos;
    private final NettyTransport transport;
    private final List<Stream> streams = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final Thread clock = new Thread(this::tick, "chaos-prober");
    private volatile boolean isStopping;

    // Guarded by this.
    private final List<Probe> probes = new ArrayList<>();
    private final Choice choice;
    private int open;
    private long answered;
    private long notSent;

    /**
     * Starts probing; connects to nothing before that.
     *
     * @param originNanos what times are counted from, by {@link System#nanoTime}
     * @throws IllegalArgumentException if there is no member, or an address is not one of clear text
     */
    public static Prober start(Target target, long originNanos) {
        return start(target, originNanos, Rhythm.DEFAULT);
    }

    static Prober start(Target target, long originNanos, Rhythm rhythm) {
        Prober prober = new Prober(target, originNanos, rhythm);
        prober.clock.setDaemon(true);
        prober.clock.start();
        return prober;
    }

    private Prober(Target target, long originNanos, Rhythm rhythm) {
        if (target.clientUrls().isEmpty()) {
            throw new IllegalArgumentException("there is no member of " + target.name() + " to probe");
        }
        target.clientUrls().forEach(Prober::check);
        this.rhythm = rhythm;
        this.originNanos = originNanos;
        this.choice = new Choice(target.clientUrls().size(), rhythm.period().toNanos(), System.nanoTime());
        this.transport = new NettyTransport(
                "chaos-prober-net",
                1,
                new NettyTransport.Settings(
                        Duration.ofMillis(250),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Optional.empty(),
                        false));
        for (String url : target.clientUrls()) {
            lanes.add(new Lane(lanes.size(), new MemberLink(transport, Members.name(lanes.size()), url)));
        }
        for (int member = -1; member < lanes.size(); member++) {
            streams.add(new Stream(member));
        }
    }

    private static void check(String url) {
        try {
            if (Endpoint.parse(url).scheme() == Endpoint.Scheme.HTTPS) {
                throw new IllegalArgumentException("the prober speaks clear text alone, not " + url);
            }
        } catch (BadEndpointException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Out of step with each other, so that no member gets all at once. */
    private void tick() {
        long periodNanos = rhythm.period().toNanos();
        long start = System.nanoTime();
        for (long turn = 0; !isStopping; turn++) {
            for (int i = 0; i < streams.size() && !isStopping; i++) {
                long due = start + turn * periodNanos + i * periodNanos / streams.size();
                while (!isStopping && due - System.nanoTime() > 0) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                if (!isStopping) {
                    streams.get(i).probe(due, turn);
                }
            }
        }
    }

    /** The way to one member, which the streams share that send there. */
    private static final class Lane {
        private final int member;
        private final MemberLink link;
        /** When a probe was answered or the connection let go; confined to the network's thread. */
        private long freshNanos = System.nanoTime();

        Lane(int member, MemberLink link) {
            this.member = member;
            this.link = link;
        }

        void ended(boolean isAnswered, long nowNanos) {
            if (isAnswered) {
                freshNanos = nowNanos;
            } else if (nowNanos - freshNanos > RENEW_NANOS) {
                freshNanos = nowNanos;
                link.renew();
            }
        }
    }

    /** Probes that are due together: a write and a read. */
    private final class Stream {
        private final int member;
        private final ByteString key;
        private final RangeRequest read;

        Stream(int member) {
            this.member = member;
            this.key = ByteString.copyFromUtf8("chaos/probe/" + Members.name(member));
            this.read = RangeRequest.newBuilder().setKey(key).build();
        }

        void probe(long dueNanos, long turn) {
            PutRequest write = PutRequest.newBuilder()
                    .setKey(key)
                    .setValue(ByteString.copyFromUtf8(Long.toString(turn)))
                    .build();
            send(WRITE, KVGrpc.getPutMethod(), write, dueNanos);
            send(READ, KVGrpc.getRangeMethod(), read, dueNanos);
        }

        private <Q, A> void send(String kind, MethodDescriptor<Q, A> method, Q request, long dueNanos) {
            long left = dueNanos + rhythm.bound().toNanos() - System.nanoTime();
            Lane lane;
            synchronized (Prober.this) {
                if (left <= 0 || open >= (long) rhythm.mostOpen() * lanes.size()) {
                    notSent++;
                    return;
                }
                open++;
                lane = lanes.get(member < 0 ? choice.next() : member);
            }
            lane.link.<Q, A>call(
                    method, request, Duration.ofNanos(left), answer -> ended(kind, lane, dueNanos, answer.isPresent()));
        }

        private void ended(String kind, Lane lane, long dueNanos, boolean isAnswered) {
            long now = System.nanoTime();
            lane.ended(isAnswered, now);
            long took = now - dueNanos;
            boolean isOk = isAnswered && took <= rhythm.bound().toNanos();
            synchronized (Prober.this) {
                open--;
                if (isOk) {
                    answered++;
                    choice.answered(lane.member, now);
                }
                probes.add(new Probe(dueNanos - originNanos, took, member, kind, isOk));
                Prober.this.notifyAll();
            }
        }
    }

    /** Probes that were answered in time so far, by whomever. */
    public synchronized long answered() {
        return answered;
    }

    /** Probes that have ended so far. */
    public synchronized long sent() {
        return probes.size();
    }

    /** Whether everybody has been served for a second: by 99 of 100 probes of that time, within {@link Bounds#DEFAULT}. */
    public synchronized boolean isSteady() {
        long until = System.nanoTime() - originNanos - rhythm.bound().toNanos();
        long sent = 0;
        long served = 0;
        // They are in the order in which they ended, which is that in which they were due but for the bound.
        for (int i = probes.size() - 1; i >= 0; i--) {
            Probe probe = probes.get(i);
            if (probe.sentNanos() < until - STEADY_NANOS - rhythm.bound().toNanos()) {
                break;
            }
            if (probe.sentNanos() >= until - STEADY_NANOS && probe.sentNanos() < until) {
                sent++;
                served += ProbeSeries.isServed(probe, Bounds.DEFAULT) ? 1 : 0;
            }
        }
        long due = streams.size() * 2L * STEADY_NANOS / rhythm.period().toNanos();
        return sent >= STEADY_SHARE * due && served >= STEADY_SHARE * sent;
    }

    /** Probes that this process did not send: if there are many, it was the machine that was measured. */
    public synchronized long notSent() {
        return notSent;
    }

    /**
     * Ends probing and waits until every probe has been answered or given up.
     *
     * @return all probes, in the order in which they were due
     * @throws IllegalStateException if one does not end although its time is over
     */
    public List<Probe> stop() {
        isStopping = true;
        LockSupport.unpark(clock);
        try {
            clock.join();
            long deadline = System.nanoTime() + rhythm.bound().plus(GRACE).toNanos();
            synchronized (this) {
                while (open > 0) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        throw new IllegalStateException(open + " probes do not end, although each has a deadline");
                    }
                    wait(left / 1_000_000 + 1);
                }
                probes.sort(Comparator.comparingLong(Probe::sentNanos));
                return List.copyOf(probes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the last probes end", e);
        } finally {
            close();
        }
    }

    /** Ends without waiting; what {@link #stop} has returned stays. */
    @Override
    public void close() {
        isStopping = true;
        LockSupport.unpark(clock);
        lanes.forEach(lane -> lane.link.close());
        transport.close();
    }
}
