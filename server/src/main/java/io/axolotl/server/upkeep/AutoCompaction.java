package io.axolotl.server.upkeep;

/**
 * Decides what history is compacted by itself (contract D). Shown the newest revision again and again, on every member;
 * whether anything is done about what is due is the caller's to decide.
 *
 * <p>Confined to one thread.
 */
public interface AutoCompaction {
    /** Nothing is due. */
    long NOTHING = -1;

    /** Never compacts anything. */
    AutoCompaction NONE = new AutoCompaction() {
        @Override
        public long due(long nowNanos, long revision) {
            return NOTHING;
        }

        @Override
        public void compacted(long nowNanos, long revision) {
            throw new AssertionError("revision " + revision + " was compacted without having been due");
        }
    };

    /** The revision to compact now, or {@link #NOTHING}. */
    long due(long nowNanos, long revision);

    /** What was due has been compacted, by whomever. */
    void compacted(long nowNanos, long revision);
}
