package io.axolotl.storage.mvcc;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;

/**
 * The numbers that describe a store as a whole; one record in {@code meta}, written with every run, so that data, applied
 * id and revisions can never part (pitfall 48, D28). Immutable.
 *
 * @param applied the last applied entry
 * @param revision revision of the last change; 1 in a fresh store (MV-1)
 * @param compactRevision where the last Compact put the floor; -1 before the first. Decides answers
 * @param compactedRevision up to which floor history has been removed; at most {@code compactRevision}. Differs between
 *     members and decides nothing (A12: both are durable)
 * @param pass where the removal stands
 * @param liveKeys keys that exist at {@code revision}
 * @param historyDigest the rolling digest of all applied entries and of what applying them did
 * @param events events in {@code rev}
 * @param removedEvents events taken from {@code rev} whose space has not been given back yet
 */
record StoreState(
        EntryId applied,
        long revision,
        long compactRevision,
        long compactedRevision,
        Pass pass,
        long liveKeys,
        long historyDigest,
        long events,
        long removedEvents) {

    private static final int VERSION = 2;
    private static final int SIZE_BYTES = 1 + 11 * Long.BYTES + Integer.BYTES;

    /** Before the first entry. */
    static final StoreState FRESH = new StoreState(EntryId.ZERO, 1, -1, -1, Pass.NONE, 0, HistoryHash.START, 0, 0);

    /**
     * A pass of physical removal that is under way.
     *
     * @param target the floor it works for; -1 if there is no pass
     * @param next the first event it has not looked at
     */
    record Pass(long target, Revision next) {
        static final Pass NONE = new Pass(-1, Revision.NONE);

        boolean isRunning() {
            return target >= 0;
        }
    }

    /**
     * That {@code after} may come next in the life of one store: nothing that was told goes back (I6), and nothing is
     * compacted that has not happened. Always on. What replaces a whole store, an install or a restore, is another's life.
     *
     * @throws AssertionError if not
     */
    void requireForwardTo(StoreState after) {
        require(after.applied.index() >= applied.index(), "the applied index never falls", after);
        require(after.revision >= revision, "the revision never falls", after);
        require(after.compactRevision >= compactRevision, "the compact revision never falls", after);
        require(after.compactedRevision >= compactedRevision, "removed history never comes back", after);
        require(after.compactRevision <= after.revision, "only what has happened is compacted", after);
        require(after.compactedRevision <= after.compactRevision, "only what is compacted is removed", after);
    }

    private void require(boolean holds, String what, StoreState after) {
        if (!holds) {
            throw new AssertionError(
                    "broken invariant: " + what + " (I6); the store would go from " + this + " to " + after);
        }
    }

    StoreState withPass(long newCompactedRevision, Pass newPass, long removedNow) {
        return new StoreState(
                applied,
                revision,
                compactRevision,
                newCompactedRevision,
                newPass,
                liveKeys,
                historyDigest,
                events - removedNow,
                removedEvents + removedNow);
    }

    /**
     * As another cluster begins with it. The applied id stays, or what refers to it would not find it; but no log begins
     * before its first entry.
     */
    StoreState refounded(long skipped, boolean isCompacted) {
        long newest = Math.addExact(revision, skipped);
        return new StoreState(
                new EntryId(Math.max(1, applied.term()), Math.max(1, applied.index())),
                newest,
                isCompacted ? newest : compactRevision,
                compactedRevision,
                pass,
                liveKeys,
                historyDigest,
                events,
                removedEvents);
    }

    StoreState withNothingToReclaim() {
        return new StoreState(
                applied, revision, compactRevision, compactedRevision, pass, liveKeys, historyDigest, events, 0);
    }

    byte[] encode() {
        ByteSink out = ByteSink.ofSize(SIZE_BYTES);
        out.u8(VERSION);
        out.i64(applied.term());
        out.i64(applied.index());
        out.i64(revision);
        out.i64(compactRevision);
        out.i64(compactedRevision);
        out.i64(pass.target());
        out.i64(pass.next().main());
        out.i32(pass.next().sub());
        out.i64(liveKeys);
        out.i64(historyDigest);
        out.i64(events);
        out.i64(removedEvents);
        return out.toArray();
    }

    /**
     * @throws StoreDamagedException if these are not the bytes of a state, or it contradicts itself
     * @throws UnknownFormatException if they are of another version
     */
    static StoreState decode(byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int version = in.u8();
            if (version != VERSION) {
                throw new UnknownFormatException("its state record has version " + version, "version " + VERSION);
            }
            long term = in.i64();
            long index = in.i64();
            long revision = in.i64();
            long compactRevision = in.i64();
            long compactedRevision = in.i64();
            Pass pass = new Pass(in.i64(), new Revision(in.i64(), in.i32()));
            StoreState state = new StoreState(
                    new EntryId(Math.max(term, 0), Math.max(index, 0)),
                    revision,
                    compactRevision,
                    compactedRevision,
                    pass,
                    in.i64(),
                    in.i64(),
                    in.i64(),
                    in.i64());
            in.end();
            if (term < 0
                    || index < 0
                    || revision < Math.max(1, compactRevision)
                    || compactRevision < Math.max(compactedRevision, pass.target())) {
                throw new StoreDamagedException("its state record contradicts itself: " + state);
            }
            return state;
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException("its state record is malformed: " + e.getMessage(), e);
        }
    }
}
