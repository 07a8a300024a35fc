package io.axolotl.jepsen.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the client reported of every write: eight bytes each. Safe for all threads; only when the writers have ended does it tell
 * all that they did.
 */
public final class Ledger {
    /** Not tried, or still under way when the writer was stopped: counts as unknown. */
    static final long UNKNOWN = 0;

    static final long REFUSED = -1;

    private final String prefix;
    private final List<Outcomes> writers = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();

    public Ledger(String prefix, int writerCount) {
        this.prefix = prefix;
        for (int writer = 0; writer < writerCount; writer++) {
            writers.add(new Outcomes());
        }
    }

    /** All keys written under this ledger start with it, and no others. */
    public String prefix() {
        return prefix;
    }

    /** Writes that were reported as done so far. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Writes that were reported as certainly not applied. */
    public long refused() {
        return refused.get();
    }

    /** Writes that were reported as perhaps applied. */
    public long unknown() {
        return unknown.get();
    }

    void acknowledge(UniqueWrite write, long revision) {
        writers.get(write.writer()).set(write.sequence(), revision);
        acknowledged.incrementAndGet();
    }

    void refuse(UniqueWrite write) {
        writers.get(write.writer()).set(write.sequence(), REFUSED);
        refused.incrementAndGet();
    }

    void leaveUnknown(UniqueWrite write) {
        writers.get(write.writer()).set(write.sequence(), UNKNOWN);
        unknown.incrementAndGet();
    }

    int writerCount() {
        return writers.size();
    }

    /** How many writes a writer has begun, as far as an outcome of it or of a later one is known. */
    int count(int writer) {
        return writers.get(writer).size();
    }

    /** The revision at which the write was acknowledged, {@link #REFUSED}, or {@link #UNKNOWN}. */
    long outcome(int writer, int sequence) {
        return writers.get(writer).get(sequence);
    }

    /** Outcomes by sequence number, recorded in any order: open-loop writes overlap. */
    private static final class Outcomes {
        private long[] revisions = new long[1024];
        private int size;

        synchronized void set(int sequence, long outcome) {
            if (sequence >= revisions.length) {
                revisions = java.util.Arrays.copyOf(revisions, Math.max(revisions.length * 2, sequence + 1));
            }
            revisions[sequence] = outcome;
            size = Math.max(size, sequence + 1);
        }

        synchronized long get(int sequence) {
            return sequence < size ? revisions[sequence] : UNKNOWN;
        }

        synchronized int size() {
            return size;
        }
    }
}
