package io.axolotl.jepsen.chaos.workload;

import io.axolotl.client.AxolotlException;
import io.axolotl.client.ClusterUnreachableException;
import io.axolotl.client.ExactlyOnce;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one run at work. Turns begin open loop, at drawn moments with the demanded mean rate, each on an idle lane of a
 * drawn seat. A seat has so many lanes at most; a turn for which none is idle is left out, so that an outage does not make
 * thousands of threads.
 */
final class Crowd implements Workload.Running {
    /** What a workload does, on lanes that it is lent. */
    interface Play {
        /** One turn: mostly one call. */
        void turn(Lane lane, SplittableRandom chance);

        /** Before the first turn. */
        default void begin(Crowd crowd) {}

        /** The last turns have ended. */
        default void end(Crowd crowd) {}

        /** Last reads, on a lane to one member that nobody else uses. */
        void finish(Lane lane, Crowd crowd);

        /** Gives back what it holds. */
        default void close() {}
    }

    /**
     * How a run goes.
     *
     * @param lanesPerSeat most turns of a seat at once
     * @param requestTimeout of a call with all its attempts
     */
    record Settings(int lanesPerSeat, Duration requestTimeout) {
        static final Settings DEFAULT = new Settings(8, Duration.ofSeconds(5));
    }

    /** How long last reads are repeated. */
    private static final Duration FINISH_BOUND = Duration.ofSeconds(30);

    /** The same once one was repeated for so long in vain. */
    private static final Duration FURTHER_FINISH_BOUND = Duration.ofSeconds(5);

    private static final long PAUSE_NANOS = 100_000_000;

    private final Target target;
    private final History history;
    private final Settings settings;
    private final Play play;
    private final double callsPerSecond;
    private final SplittableRandom chance;
    private final List<Seat> seats;
    private final List<ConcurrentLinkedDeque<Lane>> idle = new ArrayList<>();
    private final List<Semaphore> places = new ArrayList<>();
    private final AtomicInteger lanes = new AtomicInteger();
    private final AtomicInteger working = new AtomicInteger();
    private final Revisions revisions = new Revisions();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "chaos-client");
        thread.setDaemon(true);
        return thread;
    });
    private final Thread clock;
    private volatile boolean isStopping;
    private volatile Duration finishBound = FINISH_BOUND;

    private Crowd(Target target, History history, long seed, double callsPerSecond, Settings settings, Play play) {
        if (!(callsPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "the rate is " + callsPerSecond + " calls per second; it must be positive");
        }
        this.target = target;
        this.history = history;
        this.settings = settings;
        this.play = play;
        this.callsPerSecond = callsPerSecond;
        this.chance = new SplittableRandom(seed);
        this.seats = Seat.of(target, settings.requestTimeout());
        for (int i = 0; i < seats.size(); i++) {
            idle.add(new ConcurrentLinkedDeque<>());
            places.add(new Semaphore(settings.lanesPerSeat()));
        }
        this.clock = new Thread(this::tick, "chaos-clock");
        this.clock.setDaemon(true);
    }

    /** @throws IllegalStateException if the target does not serve */
    static Crowd start(Target target, History history, long seed, double callsPerSecond, Settings settings, Play play) {
        Crowd crowd = new Crowd(target, history, seed, callsPerSecond, settings, play);
        try {
            crowd.revisions.begin(crowd.askRevision());
            play.begin(crowd);
        } catch (RuntimeException e) {
            crowd.close();
            throw e;
        }
        crowd.clock.start();
        return crowd;
    }

    /** Where the store stood before the run: below that it may have been compacted by others. */
    private long askRevision() {
        Seat anywhere = seats.stream()
                .filter(seat -> seat.endpoint() == Seat.ANY)
                .findFirst()
                .orElseThrow();
        long end = System.nanoTime() + FINISH_BOUND.toNanos();
        while (true) {
            try {
                return anywhere.client().kv().get("chaos").await().header().revision();
            } catch (AxolotlException e) {
                // Who is there and slow is given time; who is not there is not waited for.
                if (e instanceof ClusterUnreachableException || System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "the target " + target.clientUrls() + " does not serve: " + e.getMessage(), e);
                }
            }
        }
    }

    long firstRevision() {
        return revisions.first();
    }

    private void tick() {
        long next = System.nanoTime();
        while (!isStopping) {
            next += (long) (-Math.log(1 - chance.nextDouble()) / callsPerSecond * 1e9);
            while (!isStopping && System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
            int seat = chance.nextInt(seats.size());
            SplittableRandom own = chance.split();
            if (places.get(seat).tryAcquire()) {
                working.incrementAndGet();
                threads.execute(() -> work(seat, own));
            }
        }
    }

    private void work(int seat, SplittableRandom own) {
        Lane found = idle.get(seat).poll();
        Lane lane = found == null ? lane(seats.get(seat)) : found;
        try {
            play.turn(lane, own);
        } catch (RuntimeException | Error e) {
            if (!isStopping) {
                failure.compareAndSet(null, e);
            }
        } finally {
            idle.get(seat).push(lane);
            places.get(seat).release();
            working.decrementAndGet();
        }
    }

    /** A new thread of control. */
    Lane lane(Seat seat) {
        return new Lane(seat, lanes.getAndIncrement(), history, revisions);
    }

    Target target() {
        return target;
    }

    List<Seat> seats() {
        return seats;
    }

    boolean isStopping() {
        return isStopping;
    }

    History history() {
        return history;
    }

    long newestRevision() {
        return revisions.newest();
    }

    void told(long revision) {
        revisions.told(revision);
    }

    /** Runs something of the workload's own beside the turns; it must end soon after {@link #isStopping}. */
    void run(Runnable task) {
        threads.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    /**
     * Repeats a last read until it succeeds.
     *
     * @param read whether it did
     * @throws IllegalStateException if it does not within a bound: the cluster was to be well
     */
    void insist(String what, BooleanSupplier read) {
        Duration bound = finishBound;
        long end = System.nanoTime() + bound.toNanos();
        while (!read.getAsBoolean()) {
            if (System.nanoTime() > end) {
                finishBound = FURTHER_FINISH_BOUND;
                throw new IllegalStateException(what + " was not answered within " + bound.toSeconds() + " s");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void stop() {
        isStopping = true;
        join(clock);
        play.end(this);
        long end = System.nanoTime() + 2 * settings.requestTimeout().toNanos() + FINISH_BOUND.toNanos();
        while (working.get() > 0) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(working.get() + " calls do not end: they have outlived their time");
            }
            LockSupport.parkNanos(PAUSE_NANOS / 10);
        }
        Throwable broken = failure.get();
        if (broken != null) {
            throw new IllegalStateException("a client broke: " + broken, broken);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the clients were stopped", e);
        }
    }

    /** A member that does not answer keeps nobody from reading the others: what they say may tell why. */
    @Override
    public void finish() {
        RuntimeException first = null;
        for (int member = 0; member < target.clientUrls().size(); member++) {
            try (Seat seat = Seat.pinned(target, member, settings.requestTimeout(), ExactlyOnce.OFF)) {
                play.finish(lane(seat), this);
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    @Override
    public void close() {
        isStopping = true;
        play.close();
        seats.forEach(Seat::close);
        threads.shutdown();
        try {
            boolean unused = threads.awaitTermination(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
