package io.axolotl.jepsen.clients;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.Hold;
import io.axolotl.client.KeptLease;
import io.axolotl.client.Op;
import io.axolotl.client.Outcome;
import io.axolotl.client.TxnResult;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Workers that take turns with a lock, and write their fencing tokens under its guard. In what order those writes took effect an
 * {@link EventJudge} tells; here it is seen whether two are certain at once that the lock is theirs.
 *
 * <p>Owns its workers' threads; started once, stopped once.
 */
final class Fences {
    private static final long TTL_SECONDS = 4;
    private static final int WRITES = 5;

    private final AxolotlClient client;
    private final Bytes lock;
    private final String fenced;
    private final Workers workers;
    private final Set<Hold> holders = new HashSet<>();
    private final LongAdder holds = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private volatile @Nullable String violation;

    /**
     * @param lock the lock's name
     * @param fenced the key that the lock guards
     */
    Fences(AxolotlClient client, String lock, String fenced, int workers, long pauseNanos) {
        this.client = client;
        this.lock = Bytes.of(lock);
        this.fenced = fenced;
        this.workers = new Workers("holder", workers, pauseNanos, worker -> turn());
    }

    void start() {
        workers.start();
    }

    private void turn() {
        try (Hold hold = client.coordination()
                .hold(lock, TTL_SECONDS, KeptLease.Listener.NONE)
                .await()) {
            holds.increment();
            acquired(hold);
            try {
                int written = 0;
                while (written < WRITES && !workers.isStopping() && write(hold)) {
                    written++;
                }
                writes.add(written);
            } finally {
                released(hold);
            }
        } catch (AxolotlException e) {
            // To wait in the row for longer than a call may take is no fault.
            lost.increment();
        }
    }

    private boolean write(Hold hold) {
        Outcome<TxnResult> outcome = client.kv()
                .txn()
                .when(hold.guard())
                .then(Op.put(fenced, Long.toString(hold.token())))
                .commit()
                .awaitOutcome();
        return outcome instanceof Outcome.Done<TxnResult> done && done.result().succeeded();
    }

    private synchronized void acquired(Hold hold) {
        for (Hold other : holders) {
            if (!other.left().isZero() && !hold.left().isZero()) {
                violation = "the lock is held with the tokens " + other.token() + " and " + hold.token() + " at once";
            }
        }
        holders.add(hold);
    }

    /** Before it lets go. */
    private synchronized void released(Hold hold) {
        holders.remove(hold);
    }

    long holds() {
        return holds.sum();
    }

    /** Writes that the guard let through. */
    long writes() {
        return writes.sum();
    }

    /** Turns that did not come to a lock. */
    long lost() {
        return lost.sum();
    }

    Optional<String> violation() {
        return Optional.ofNullable(violation);
    }

    /** Lets each worker finish what it is at; what broke one of them. */
    Optional<String> stop(long boundNanos) {
        return workers.stop(boundNanos);
    }
}
