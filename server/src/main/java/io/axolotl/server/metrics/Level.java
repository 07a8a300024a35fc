package io.axolotl.server.metrics;

import com.codahale.metrics.Gauge;
import java.util.concurrent.atomic.LongAdder;

/** A number that goes up and down as things begin and end: counted like a counter, and a gauge to who reads it. Safe for all threads. */
public final class Level implements Gauge<Long> {
    private final LongAdder value = new LongAdder();

    public void inc() {
        value.increment();
    }

    public void inc(long amount) {
        value.add(amount);
    }

    public void dec() {
        value.decrement();
    }

    @Override
    public Long getValue() {
        return value.sum();
    }
}
