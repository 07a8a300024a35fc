package io.axolotl.jepsen.chaos.workload;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The keys of one run, which no other run has, and the values that it writes, each unlike all others. Safe for all threads. */
final class Keys {
    private final String prefix;
    private final AtomicLong values = new AtomicLong();
    private final Map<String, Long> newest = new ConcurrentHashMap<>();

    Keys(String workload) {
        this.prefix = "chaos/" + workload + "/" + Long.toString(System.nanoTime(), Character.MAX_RADIX) + "/";
    }

    String prefix() {
        return prefix;
    }

    String key(String part, long number) {
        return prefix + part + number;
    }

    /** A number that nobody else gets. */
    long next() {
        return values.incrementAndGet();
    }

    /** A value that nobody else writes. */
    String value() {
        return "v" + next();
    }

    /** Somebody has seen the key at this revision; 0 that it is not there. */
    void seen(String key, long mod) {
        newest.put(key, mod);
    }

    /** The revision at which somebody has last seen the key, as far as that is remembered: a good guess for a guard. */
    long guess(String key) {
        return newest.getOrDefault(key, 0L);
    }
}
