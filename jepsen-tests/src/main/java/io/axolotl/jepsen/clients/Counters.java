package io.axolotl.jepsen.clients;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Outcome;
import io.axolotl.client.TxnResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Workers that count in transactions. Each has a key of its own, which it puts without any condition: a put that is executed
 * twice, or not at all, shows in the key's version. And all together increment some shared keys, each by comparing what it has
 * read: an increment that is lost shows in the value.
 *
 * <p>Owns its workers' threads; started once, stopped once.
 */
final class Counters {
    private static final int SHARED_KEYS = 3;

    private final AxolotlClient client;
    private final String prefix;
    private final Workers workers;
    private final Map<String, Count> counts = new ConcurrentSkipListMap<>();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failedReads = new LongAdder();

    /** What the callers were told of one key. */
    private static final class Count {
        final AtomicLong acknowledged = new AtomicLong();
        final AtomicLong unknown = new AtomicLong();
    }

    /** @param prefix of keys that were never written */
    Counters(AxolotlClient client, String prefix, int workers, long pauseNanos) {
        this.client = client;
        this.prefix = prefix;
        List<SplittableRandom> chances = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            chances.add(new SplittableRandom());
        }
        this.workers = new Workers("counter", workers, pauseNanos, worker -> turn(worker, chances.get(worker)));
    }

    void start() {
        workers.start();
    }

    private Count count(String key) {
        return counts.computeIfAbsent(key, any -> new Count());
    }

    private void turn(int worker, SplittableRandom chance) {
        if (chance.nextBoolean()) {
            String key = prefix + "own-" + worker;
            note(key, client.kv().txn().then(Op.put(key, "x")).commit().awaitOutcome());
        } else {
            increment(prefix + "shared-" + chance.nextInt(SHARED_KEYS));
        }
    }

    private void increment(String key) {
        Optional<KeyValue> before;
        try {
            before = client.kv().get(key).await().first();
        } catch (AxolotlException e) {
            failedReads.increment();
            return;
        }
        long value = before.map(kv -> Long.parseLong(kv.value().utf8())).orElse(0L);
        note(
                key,
                client.kv()
                        .txn()
                        .when(Compare.modRevision(key)
                                .equalTo(before.map(KeyValue::modRevision).orElse(0L)))
                        .then(Op.put(key, Long.toString(value + 1)))
                        .commit()
                        .awaitOutcome());
    }

    private void note(String key, Outcome<TxnResult> outcome) {
        if (outcome instanceof Outcome.Done<TxnResult> done) {
            if (done.result().succeeded()) {
                count(key).acknowledged.incrementAndGet();
            }
        } else if (outcome instanceof Outcome.Unknown<TxnResult>) {
            count(key).unknown.incrementAndGet();
        } else {
            refused.increment();
        }
    }

    /** Increments and puts of which a caller was told that they are done. */
    long acknowledged() {
        return counts.values().stream()
                .mapToLong(count -> count.acknowledged.get())
                .sum();
    }

    long unknown() {
        return counts.values().stream().mapToLong(count -> count.unknown.get()).sum();
    }

    long refused() {
        return refused.sum();
    }

    long failedReads() {
        return failedReads.sum();
    }

    /** Lets each worker finish the call that it is at; what broke one of them. */
    Optional<String> stop(long boundNanos) {
        return workers.stop(boundNanos);
    }

    /** After {@link #stop}: where what is there is not what callers were told. */
    List<String> audit() {
        List<String> violations = new ArrayList<>();
        counts.forEach((key, count) -> {
            Optional<KeyValue> found = client.kv().get(key).await().first();
            long version = found.map(KeyValue::version).orElse(0L);
            long least = count.acknowledged.get();
            long most = least + count.unknown.get();
            if (version < least || version > most) {
                violations.add(key + " was put " + version + " times, and callers were told of " + least
                        + (most > least ? ", and nothing of " + (most - least) : ""));
            }
            boolean isShared = key.startsWith(prefix + "shared-");
            if (isShared && found.isPresent() && !found.get().value().equals(Bytes.of(Long.toString(version)))) {
                violations.add(key + " counts "
                        + found.map(kv -> kv.value().utf8()).orElse("nothing") + " after " + version + " increments");
            }
        });
        if (unknown() > 0) {
            violations.add(unknown() + " writes ended as unknown: a number was to resolve them");
        }
        return violations;
    }

    /** Every key that was written, and how often at least. */
    Map<String, Long> written() {
        Map<String, Long> written = new ConcurrentSkipListMap<>();
        counts.forEach((key, count) -> written.put(key, count.acknowledged.get()));
        return written;
    }
}
