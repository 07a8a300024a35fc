package io.axolotl.jepsen.workload;

import io.axolotl.client.AxolotlClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A small write every 10 ms, sent when it is due whether or not the one before was answered: what waits for answers cannot
 * see how long there were none. A probe without an answer after 100 ms has failed. Safe for all threads.
 */
public final class ServiceProber implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final Duration PROBE_BOUND = Duration.ofMillis(100);
    /** Judging more than a minute back is not needed. */
    private static final int KEPT_PROBES = 6_000;

    private final AxolotlClient client;
    private final String key;
    private final Thread thread;
    private final Deque<Outage.Probe> ended = new ArrayDeque<>();
    private final AtomicLong lastAnswerNanos = new AtomicLong(System.nanoTime());
    private volatile boolean stopping;

    private ServiceProber(List<String> endpoints, String key) {
        this.client = AxolotlClient.builder()
                .endpoints(endpoints)
                .requestTimeout(PROBE_BOUND)
                .connectTimeout(PROBE_BOUND)
                .networkThreads(1)
                .build();
        this.key = key;
        this.thread = new Thread(this::probe, "service-prober");
        thread.setDaemon(true);
    }

    /** Starts probing. @param key is overwritten by every probe */
    public static ServiceProber start(List<String> endpoints, String key) {
        ServiceProber prober = new ServiceProber(endpoints, key);
        prober.thread.start();
        return prober;
    }

    private void probe() {
        long due = System.nanoTime();
        for (long number = 0; !stopping; number++) {
            long sent = due;
            var unused = client.kv()
                    .put(key, Long.toString(number))
                    .whenComplete((result, failure) -> end(sent, failure == null));
            due += PERIOD.toNanos();
            while (System.nanoTime() < due && !stopping) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }

    private void end(long sentNanos, boolean isAnswered) {
        long now = System.nanoTime();
        if (isAnswered) {
            lastAnswerNanos.accumulateAndGet(now, Math::max);
        }
        synchronized (ended) {
            ended.addLast(new Outage.Probe(sentNanos, now, isAnswered));
            if (ended.size() > KEPT_PROBES) {
                ended.removeFirst();
            }
        }
    }

    /** What a fault has cost so far. @param faultNanos on the clock of {@link System#nanoTime}, at most a minute ago */
    public Outage outageSince(long faultNanos) {
        List<Outage.Probe> probes;
        synchronized (ended) {
            probes = new ArrayList<>(ended);
        }
        // A probe sent less than its bound ago may still be under way: judging it would call it missing.
        return Outage.of(probes, faultNanos, System.nanoTime() - PROBE_BOUND.toNanos());
    }

    /** Time since a probe was answered. */
    public long silentNanos() {
        return System.nanoTime() - lastAnswerNanos.get();
    }

    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        client.close();
    }
}
