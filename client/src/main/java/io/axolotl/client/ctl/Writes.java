package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A load of puts: keys of 256 bytes after a prefix, values of {@value #VALUE_BYTES} bytes. Immutable.
 *
 * @param perSecond puts that are begun in a second; 0 for as many as can be
 * @param atOnce most puts under way
 */
record Writes(int perSecond, int atOnce) {
    static final int VALUE_BYTES = 1024;

    private static final int KEY_BYTES = 256;

    /**
     * What came of it.
     *
     * @param perSecond puts that were done, on average
     * @param errors how often each text came
     */
    record Report(double perSecond, double slowestSeconds, double stddevSeconds, Map<String, Integer> errors) {}

    /** Sums of what was measured; guarded by itself. */
    private static final class Sums {
        private final Map<String, Integer> errors = new TreeMap<>();
        private long done;
        private double seconds;
        private double squares;
        private double slowestSeconds;

        synchronized void done(double tookSeconds) {
            done++;
            seconds += tookSeconds;
            squares += tookSeconds * tookSeconds;
            slowestSeconds = Math.max(slowestSeconds, tookSeconds);
        }

        synchronized void failed(Throwable why) {
            errors.merge(String.valueOf(why.getMessage()), 1, Integer::sum);
        }

        synchronized Report report(double totalSeconds) {
            double mean = done == 0 ? 0 : seconds / done;
            double variance = done == 0 ? 0 : Math.max(0, squares / done - mean * mean);
            return new Report(done / totalSeconds, slowestSeconds, Math.sqrt(variance), new TreeMap<>(errors));
        }
    }

    /** Returns when all have been answered. */
    Report run(AxolotlClient client, String prefix, long count) throws InterruptedException {
        Sums sums = new Sums();
        Semaphore room = new Semaphore(atOnce);
        Bytes value = Bytes.copyOf(new byte[VALUE_BYTES]);
        byte[] start = Arguments.bytes(prefix).toByteArray();
        long startNanos = System.nanoTime();
        for (long i = 0; i < count; i++) {
            if (perSecond > 0) {
                long aheadNanos = startNanos + i * TimeUnit.SECONDS.toNanos(1) / perSecond - System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(aheadNanos);
            }
            room.acquire();
            byte[] key = ByteBuffer.allocate(start.length + KEY_BYTES)
                    .put(start)
                    .putLong(ThreadLocalRandom.current().nextLong())
                    .array();
            long sentNanos = System.nanoTime();
            var unused = client.kv().put(Bytes.copyOf(key), value).whenComplete((result, failure) -> {
                if (failure == null) {
                    sums.done((System.nanoTime() - sentNanos) / 1e9);
                } else {
                    sums.failed(failure);
                }
                room.release();
            });
        }
        room.acquire(atOnce);
        return sums.report((System.nanoTime() - startNanos) / 1e9);
    }
}
