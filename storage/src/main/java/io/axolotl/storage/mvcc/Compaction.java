package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.StoreState.Pass;
import java.util.Arrays;

/**
 * The physical half of compaction: takes away what no read may ask for any more (CP-2), a bounded step at a time.
 *
 * <p>With the floor at C, an event goes if it is older than C and was replaced at or before C, or is a tombstone older
 * than C. What happened at exactly C stays, so that a watch may still start there. No search is needed for what was
 * replaced: each event names the one it replaced, so a scan of {@code rev} over {@code [C0, C]}, where C0 is the floor of
 * the pass before, finds everything, once. Finding it once matters, for {@code rev} is deleted from by single deletes.
 *
 * <p>What the step removes and where it stopped are one atomic write, so a crash at any point resumes exactly there.
 *
 * <p>Confined to the apply thread.
 */
final class Compaction {
    private final KvEngine engine;
    private final RecordCache cache;

    Compaction(KvEngine engine, RecordCache cache) {
        this.engine = engine;
        this.cache = cache;
    }

    /** Whether there is anything to do. */
    static boolean isWanted(StoreState state) {
        return state.compactedRevision() < state.compactRevision();
    }

    /**
     * Looks at up to {@code maxEvents} events and adds what goes to {@code write}.
     *
     * @return the state to be written with it
     */
    StoreState step(StoreState state, int maxEvents, AtomicWrite write) {
        long floor = state.compactedRevision();
        Pass pass = state.pass().isRunning()
                ? state.pass()
                : new Pass(state.compactRevision(), new Revision(Math.max(floor, 0), 0));
        long target = pass.target();
        long removed = 0;
        int looked = 0;
        try (EngineCursor cursor = engine.scan(Space.REV, pass.next().toKey(), Revision.key(target + 1, 0))) {
            while (cursor.next()) {
                Revision place = Revision.ofKey(cursor.key());
                if (looked == maxEvents) {
                    return state.withPass(floor, new Pass(target, place), removed);
                }
                looked++;
                removed += removeAround(EventRecord.decode(place, cursor.value()), floor, target, write);
            }
        }
        return state.withPass(target, Pass.NONE, removed);
    }

    /** @return how many events went: the one that {@code event} replaced, and itself if it is a tombstone */
    private int removeAround(EventRecord event, long floor, long target, AtomicWrite write) {
        int removed = 0;
        Revision replaced = event.previous();
        if (event.replacesLiveVersion() && !replaced.isNone() && replaced.main() < target) {
            // At the old floor itself the pass before has been: it took what was older than its floor.
            boolean isGone = event.main() == floor && replaced.main() < floor;
            if (!isGone) {
                write.singleDelete(Space.REV, replaced.toKey());
                removed++;
            }
        }
        if (event.isTombstone() && event.main() < target) {
            write.singleDelete(Space.REV, event.revision().toKey());
            removed++;
            forgetKey(event, write);
        }
        return removed;
    }

    /** Deletes the {@code idx} record of a key whose newest version is the tombstone that goes. */
    private void forgetKey(EventRecord tombstone, AtomicWrite write) {
        byte[] key = tombstone.key();
        byte[] stored = engine.get(Space.IDX, key);
        if (stored == null) {
            throw new StoreDamagedException(
                    "the key of the tombstone " + tombstone.revision() + " has no idx record: " + Arrays.toString(key));
        }
        if (IndexRecord.decode(stored).revision().equals(tombstone.revision())) {
            write.delete(Space.IDX, key);
            cache.evict(key);
        }
    }
}
