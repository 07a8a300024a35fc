package io.axolotl.jepsen.workload;

import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.transport.NettyTransport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** What every member says of itself, asked every 20 ms on a connection of its own. Safe for all threads. */
public final class StatusWatch implements AutoCloseable {
    private static final long PERIOD_NANOS = 20_000_000;
    private static final Duration BOUND = Duration.ofMillis(500);
    private static final int KEPT_SAMPLES = 60_000;

    /**
     * An answer. Immutable.
     *
     * @param askedNanos when the question left
     * @param nanos when the answer was here
     * @param leaderId 0 if the member knows none
     */
    public record Sample(
            String member,
            long askedNanos,
            long nanos,
            long memberId,
            long leaderId,
            long term,
            long commitIndex,
            long appliedIndex) {}

    private final NettyTransport transport = new NettyTransport(
            "status-watch",
            1,
            new NettyTransport.Settings(
                    Duration.ofMillis(250), Duration.ofSeconds(30), Duration.ofSeconds(10), Optional.empty(), false));
    private final Map<String, MemberLink> links = new ConcurrentHashMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final Map<String, Sample> latest = new ConcurrentHashMap<>();
    private final Thread clock = new Thread(this::tick, "status-watch-clock");
    private volatile boolean stopping;

    /** Starts with no members. */
    public static StatusWatch start() {
        StatusWatch watch = new StatusWatch();
        watch.clock.setDaemon(true);
        watch.clock.start();
        return watch;
    }

    private StatusWatch() {}

    /** Asks a member from now on; also one that does not live yet. */
    public void add(String member, String clientUrl) {
        links.put(member, new MemberLink(transport, member, clientUrl));
    }

    /** Asks a member no more. */
    public void remove(String member) {
        MemberLink link = links.remove(member);
        if (link != null) {
            link.close();
        }
        latest.remove(member);
    }

    private void tick() {
        long due = System.nanoTime();
        while (!stopping) {
            links.values().forEach(this::ask);
            due = Math.max(due + PERIOD_NANOS, System.nanoTime());
            while (!stopping && System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }

    private void ask(MemberLink link) {
        long asked = System.nanoTime();
        link.<StatusRequest, StatusResponse>call(
                MaintenanceGrpc.getStatusMethod(),
                StatusRequest.getDefaultInstance(),
                BOUND,
                answer -> answer.ifPresent(status -> add(new Sample(
                        link.member(),
                        asked,
                        System.nanoTime(),
                        status.getHeader().getMemberId(),
                        status.getLeader(),
                        status.getRaftTerm(),
                        status.getRaftIndex(),
                        status.getRaftAppliedIndex()))));
    }

    private void add(Sample sample) {
        latest.put(sample.member, sample);
        synchronized (samples) {
            samples.addLast(sample);
            if (samples.size() > KEPT_SAMPLES) {
                samples.removeFirst();
            }
        }
    }

    /** Forgets what is older. */
    public void forgetBefore(long nanos) {
        synchronized (samples) {
            while (!samples.isEmpty() && samples.getFirst().nanos < nanos) {
                samples.removeFirst();
            }
        }
    }

    /** The last answer of a member, however old. */
    public Optional<Sample> latest(String member) {
        return Optional.ofNullable(latest.get(member));
    }

    /** The first kept answer that fits, in the order of their arrival. */
    public Optional<Sample> first(Predicate<Sample> predicate) {
        List<Sample> copy;
        synchronized (samples) {
            copy = new ArrayList<>(samples);
        }
        return copy.stream().filter(predicate).findFirst();
    }

    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(clock);
        links.values().forEach(MemberLink::close);
        transport.close();
    }
}
