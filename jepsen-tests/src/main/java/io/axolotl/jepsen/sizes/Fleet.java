package io.axolotl.jepsen.sizes;

import io.axolotl.jepsen.process.Await;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Many watchers on some streams on some connections. Confined to one thread, but for what arrives. */
final class Fleet implements AutoCloseable {
    private static final int SIGNIFICANT_DIGITS = 3;

    private final List<WatchCall> calls = new ArrayList<>();
    private final Recorder delays = new Recorder(SIGNIFICANT_DIGITS);

    /** @param streams over which the witnesses are spread */
    Fleet(List<ManagedChannel> channels, List<Witness> witnesses, int streams, boolean isReading) {
        List<List<Witness>> shares = new ArrayList<>();
        for (int stream = 0; stream < streams; stream++) {
            shares.add(new ArrayList<>());
        }
        for (int number = 0; number < witnesses.size(); number++) {
            shares.get(number % streams).add(witnesses.get(number));
        }
        for (int stream = 0; stream < streams; stream++) {
            calls.add(new WatchCall(channels.get(stream % channels.size()), shares.get(stream), delays, isReading));
        }
    }

    /** Returns when the server has made all watchers. */
    void open(Duration bound) {
        calls.forEach(WatchCall::open);
        Await.fact("all watchers to be made", bound, () -> {
            ends().stream().findFirst().ifPresent(end -> {
                throw new IllegalStateException(end);
            });
            return calls.stream().allMatch(WatchCall::isOpen);
        });
    }

    /** Those that did not read do from now on. */
    void read() {
        calls.forEach(WatchCall::read);
    }

    /** Why some get nothing more; empty if all is well. */
    List<String> ends() {
        return calls.stream().flatMap(call -> call.end().stream()).toList();
    }

    /**
     * Waits until all that the store has was seen, or the bound is over.
     *
     * @param now versions of all keys in the store
     */
    Witness.Verdict settle(long[] now, Duration bound) {
        try {
            Await.fact(
                    "all events",
                    bound,
                    () -> !ends().isEmpty() || calls.stream().allMatch(call -> call.outstanding(now) == 0));
        } catch (Await.TooLateException e) {
            // The verdict counts what is missing.
        }
        return calls.stream().map(call -> call.verdict(now)).reduce(Witness.Verdict.NOTHING, Witness.Verdict::plus);
    }

    /** Of the changes that were recorded since this was last asked. */
    Histogram takeDelays() {
        return delays.getIntervalHistogram();
    }

    @Override
    public void close() {
        calls.forEach(WatchCall::close);
    }
}
