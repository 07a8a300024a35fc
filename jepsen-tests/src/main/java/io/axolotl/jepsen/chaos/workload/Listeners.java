package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A listener on each seat of a crowd. Safe for all threads. */
final class Listeners {
    /** How long the last event may take to reach them all. */
    private static final Duration REACH_BOUND = Duration.ofSeconds(20);
    /** More than the judge of watches is patient. */
    private static final long OLD_NANOS = 12_000_000_000L;

    private final Keys keys;
    private final String prefix;
    private final String single;
    private final AtomicLong numbers = new AtomicLong();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private boolean isOver;

    /**
     * @param prefix of the keys that are watched
     * @param single one of them
     */
    Listeners(Keys keys, String prefix, String single) {
        this.keys = keys;
        this.prefix = prefix;
        this.single = single;
    }

    void begin(Crowd crowd) {
        SplittableRandom chance = new SplittableRandom(crowd.history().size());
        for (Seat seat : crowd.seats()) {
            Listener listener = new Listener(crowd.lane(seat), crowd, prefix, single, numbers, chance.split());
            listeners.add(listener);
            crowd.run(listener::listen);
        }
    }

    /** Has one of them begin anew; one of the second half only if it has listened for so long that its silence would tell something. */
    void disturb(SplittableRandom chance) {
        int number = chance.nextInt(listeners.size());
        Listener listener = listeners.get(number);
        if (number < listeners.size() / 2 || listener.ageNanos() > OLD_NANOS) {
            listener.again();
        }
    }

    /** Writes something that all must be told of, and how far each has come. The first time only. */
    void finish(Lane lane, Crowd crowd) {
        if (isOver) {
            return;
        }
        isOver = true;
        AtomicReference<@Nullable Answer> written = new AtomicReference<>();
        crowd.insist("the last write of the watched keys", () -> {
            Ask last = Ask.of(Action.put(single, keys.value()), Action.put(prefix + "~", keys.value()));
            lane.ask("last", last).ifPresent(written::set);
            return written.get() != null;
        });
        Answer answer = written.get();
        long revision = answer == null ? 0 : answer.revision();
        long end = System.nanoTime() + REACH_BOUND.toNanos();
        for (Listener listener : listeners) {
            while (!listener.hasReached(revision) && System.nanoTime() < end) {
                LockSupport.parkNanos(1_000_000);
            }
            listener.writeReach(revision);
        }
        close();
    }

    void close() {
        listeners.forEach(Listener::close);
    }
}
