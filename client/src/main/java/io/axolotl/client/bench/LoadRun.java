package io.axolotl.client.bench;

import io.axolotl.client.Endpoint;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.transport.ClientTls;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The life of one run: connect, fill, warm up, measure, stop. Confined to the thread that made it. */
final class LoadRun implements AutoCloseable {
    private static final long SETUP_SECONDS = 10;

    /** Bounds of a fill transaction, well below the limits of a default server (128 operations, 1.5 MiB). */
    private static final int FILL_OPERATIONS = 100;

    private static final int FILL_BYTES = 1 << 20;

    private final BenchPlan plan;
    private final NettyTransport transport;
    private final List<ManagedChannel> channels = new ArrayList<>();

    /** @param tls for {@code https://} endpoints; null for those that the Java platform trusts */
    LoadRun(BenchPlan plan, @Nullable ClientTls tls) {
        this.plan = plan;
        this.transport = new NettyTransport(
                "axolotl-bench",
                plan.threads(),
                new NettyTransport.Settings(
                        Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(10), Optional.empty(), false),
                tls);
    }

    /**
     * Runs the plan.
     *
     * @throws IllegalArgumentException if an endpoint or a server process cannot be reached
     */
    BenchReport run() {
        List<Endpoint> targets = plan.targetLeader() ? List.of(leader()) : plan.endpoints();
        for (int i = 0; i < plan.connections(); i++) {
            channels.add(connect(targets.get(i % targets.size())));
        }
        Workload workload = new Workload(plan);
        if (plan.fill() && plan.operation().reads()) {
            fill(workload);
        }
        ProcessCpu.of(plan.serverPids());

        long startNanos = System.nanoTime();
        long measureFromNanos = startNanos + plan.warmup().toNanos();
        Load.Schedule schedule = new Load.Schedule(
                startNanos, measureFromNanos, measureFromNanos + plan.measured().toNanos());
        List<Load> lanes = start(workload, schedule);
        waitUntil(schedule.measureFromNanos());
        Duration serversBefore = ProcessCpu.of(plan.serverPids());
        Duration ownBefore = ownCpu();
        waitUntil(schedule.endNanos());
        Duration servers = ProcessCpu.of(plan.serverPids()).minus(serversBefore);
        Duration own = ownCpu().minus(ownBefore);
        if (plan.isOpen()) {
            // What fell due at the very end has its time too.
            long latestNanos = schedule.endNanos() + plan.deadline().toNanos();
            while (lanes.stream().anyMatch(lane -> lane.inFlight() > 0) && System.nanoTime() - latestNanos < 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
        return report(lanes, servers, own);
    }

    private List<Load> start(Workload workload, Load.Schedule schedule) {
        SplittableRandom random = new SplittableRandom();
        List<Load> lanes = new ArrayList<>();
        double rate = plan.ratePerSecond() / channels.size();
        long deadlineNanos = plan.deadline().toNanos();
        Numbers numbers = new Numbers(channels.get(0), plan.operation() == BenchPlan.Operation.NUMBERED_PUT);
        for (ManagedChannel channel : channels) {
            lanes.add(
                    plan.isOpen()
                            ? new OpenLane(
                                    channel, transport.timer(), workload, random.split(), schedule, rate, deadlineNanos)
                            : new Lane(
                                    channel,
                                    transport.timer(),
                                    workload,
                                    numbers,
                                    random.split(),
                                    schedule,
                                    rate,
                                    deadlineNanos));
        }
        for (int i = 0; i < lanes.size(); i++) {
            // The first lanes take one client more where the division leaves a rest.
            int clients = plan.clients() / lanes.size() + (i < plan.clients() % lanes.size() ? 1 : 0);
            lanes.get(i).start(clients);
        }
        return lanes;
    }

    private BenchReport report(List<Load> lanes, Duration servers, Duration own) {
        Histogram latencies = new Histogram(3);
        latencies.setAutoResize(true);
        Map<String, Long> errors = new TreeMap<>();
        int unanswered = 0;
        long inTime = 0;
        for (Load lane : lanes) {
            lane.tally().addTo(latencies, errors);
            unanswered += lane.inFlight();
            inTime += lane.tally().inTime();
        }
        return new BenchReport(plan, latencies, inTime, errors, unanswered, servers, own);
    }

    /** A connection that has carried a call: an endpoint that does not answer ends the run before it begins. */
    private ManagedChannel connect(Endpoint endpoint) {
        ManagedChannel channel = endpoint.scheme() == Endpoint.Scheme.HTTPS
                ? transport.secureChannel(endpoint.host(), endpoint.port())
                : transport.channel(endpoint.host(), endpoint.port());
        try {
            var unused = KVGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(SETUP_SECONDS, TimeUnit.SECONDS)
                    .range(RangeRequest.newBuilder()
                            .setKey(new Workload(plan).key(0))
                            .setSerializable(true)
                            .build());
            return channel;
        } catch (StatusRuntimeException e) {
            channel.shutdownNow();
            throw new IllegalArgumentException("endpoint " + endpoint + " does not answer: " + reason(e), e);
        }
    }

    private Endpoint leader() {
        for (Endpoint endpoint : plan.endpoints()) {
            ManagedChannel channel = connect(endpoint);
            try {
                StatusResponse status = MaintenanceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(SETUP_SECONDS, TimeUnit.SECONDS)
                        .status(StatusRequest.getDefaultInstance());
                if (status.getLeader() == status.getHeader().getMemberId()) {
                    return endpoint;
                }
            } finally {
                channel.shutdownNow();
            }
        }
        throw new IllegalArgumentException("none of the endpoints " + plan.endpoints() + " is the leader");
    }

    private void fill(Workload workload) {
        int step =
                Math.max(1, Math.min(FILL_OPERATIONS, FILL_BYTES / (plan.valueSizeBytes() + plan.keySizeBytes() + 1)));
        for (int from = 0; from < plan.keys(); from += step) {
            try {
                var unused = KVGrpc.newBlockingStub(channels.get(0))
                        .withDeadlineAfter(SETUP_SECONDS, TimeUnit.SECONDS)
                        .txn(workload.fill(from, Math.min(plan.keys(), from + step)));
            } catch (StatusRuntimeException e) {
                throw new IllegalArgumentException("the keys cannot be filled in: " + reason(e), e);
            }
        }
    }

    private static String reason(StatusRuntimeException e) {
        Throwable cause = e.getStatus().getCause();
        return e.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }

    private static Duration ownCpu() {
        return ProcessCpu.of(List.of(ProcessHandle.current().pid()));
    }

    private static void waitUntil(long nanos) {
        long left;
        while ((left = nanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        transport.close();
    }
}
