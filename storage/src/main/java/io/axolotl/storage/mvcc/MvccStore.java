package io.axolotl.storage.mvcc;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The multi-version store of one member: owns the engine's data, its state record, and the view that readers borrow. See
 * the package.
 *
 * <p>{@link #begin}, {@link #commit} and {@link #compactStep} are confined to the apply thread; {@link #borrowView} and
 * the numbers are safe for all threads.
 */
public final class MvccStore {
    private static final byte[] FORMAT = "axolotl mvcc 1".getBytes(StandardCharsets.US_ASCII);

    private final KvEngine engine;
    private final AtomicWrite write;
    private final RecordCache cache;
    private final int plainDeletes;
    private final Compaction compaction;
    private final CheckpointRing ring;
    private StoreState state;
    private volatile @Nullable Divergence divergence;
    private volatile long copiedThrough;
    /** To go into the next run's write; null once it is there. */
    private @Nullable Provenance unwrittenProvenance;

    /** Changed on the apply thread alone. */
    private volatile ChangeCounts changeCounts = ChangeCounts.NONE;

    private Consumer<EngineFullException> whileFull = e -> {
        throw e;
    };
    /** Set by whoever gave space back to the disk; taken by the apply thread. */
    private final AtomicBoolean wasReclaimed = new AtomicBoolean();

    /** The newest view, held until the next replaces it; null once closed. */
    private volatile @Nullable ReadView newest;

    private MvccStore(
            KvEngine engine,
            AtomicWrite write,
            RecordCache cache,
            int plainDeletes,
            StoreState state,
            CheckpointRing ring) {
        this.engine = engine;
        this.write = write;
        this.cache = cache;
        this.plainDeletes = plainDeletes;
        this.compaction = new Compaction(engine, cache);
        this.state = state;
        this.ring = ring;
        byte[] mark = engine.get(Space.META, MetaKeys.DIVERGED);
        this.divergence = mark == null ? null : Divergence.decode(mark);
        this.newest = new ReadView(engine.view(), state);
    }

    /** What goes into a store that holds nothing, in the same write as its first state. */
    @FunctionalInterface
    public interface Founding {
        void addTo(WriteTxn txn);
    }

    /**
     * Opens what the engine holds; an empty engine becomes a fresh store at revision 1 (MV-1).
     *
     * @param cacheBytes bound of the cache of recent {@code idx} records
     * @param plainDeletes a delete of more keys than this is a {@link BulkDelete}
     * @throws StoreDamagedException if the engine holds something else, or its parts do not belong together (D28)
     * @throws UnknownFormatException if it is of a format unknown here (O3)
     */
    public static MvccStore open(KvEngine engine, long cacheBytes, int plainDeletes, Founding founding) {
        RecordCache cache = new RecordCache(cacheBytes);
        AtomicWrite write = engine.newWrite();
        byte[] format = engine.get(Space.META, MetaKeys.FORMAT);
        StoreState state;
        if (format == null) {
            state = StoreState.FRESH;
            WriteTxn txn = new WriteTxn(engine, cache, write, plainDeletes, state, new CheckpointRing());
            founding.addTo(txn);
            AtomicWrite first = txn.finishedWrite();
            first.put(Space.META, MetaKeys.FORMAT, FORMAT);
            first.put(Space.META, MetaKeys.STATE, state.encode());
            engine.write(first);
        } else {
            checkFormat(format);
            state = readState(engine);
        }
        CheckpointRing ring = CheckpointRing.read(engine, state.applied().index());
        return new MvccStore(engine, write, cache, plainDeletes, state, ring);
    }

    /**
     * Makes the data that an engine holds those of another cluster, durably; see {@code KvStateMachine.refound}.
     *
     * @param founding what else changes in the same write
     */
    public static void refound(KvEngine engine, long skipped, boolean isCompacted, Founding founding) {
        byte[] format = engine.get(Space.META, MetaKeys.FORMAT);
        if (format == null) {
            throw new StoreDamagedException("it holds nothing");
        }
        checkFormat(format);
        StoreState before = readState(engine);
        try (AtomicWrite write = engine.newWrite()) {
            WriteTxn txn = new WriteTxn(engine, new RecordCache(0), write, 1, before, new CheckpointRing());
            founding.addTo(txn);
            AtomicWrite whole = txn.finishedWrite();
            whole.delete(Space.META, MetaKeys.DIVERGED);
            whole.delete(Space.META, MetaKeys.PROVENANCE);
            whole.put(
                    Space.META,
                    MetaKeys.STATE,
                    before.refounded(skipped, isCompacted).encode());
            engine.write(whole);
        }
        engine.flush();
    }

    private static void checkFormat(byte[] format) {
        if (!Arrays.equals(format, FORMAT)) {
            throw new UnknownFormatException(
                    "it says it is \"" + new String(format, StandardCharsets.US_ASCII) + "\"",
                    "\"" + new String(FORMAT, StandardCharsets.US_ASCII) + "\"");
        }
    }

    /** The state record, held against the data: no change may be newer than it says (D28, D30). */
    private static StoreState readState(KvEngine engine) {
        byte[] stored = engine.get(Space.META, MetaKeys.STATE);
        if (stored == null) {
            throw new StoreDamagedException("its state record is missing");
        }
        StoreState state = StoreState.decode(stored);
        try (EngineCursor beyond = engine.scan(Space.REV, Revision.key(state.revision() + 1, 0), null)) {
            if (beyond.next()) {
                throw new StoreDamagedException("it holds a change of revision " + Revision.ofKey(beyond.key())
                        + ", but says that its last is " + state.revision());
            }
        }
        return state;
    }

    /** A new, empty run on top of the last committed one. */
    public WriteTxn begin() {
        return new WriteTxn(engine, cache, write, plainDeletes, state, ring);
    }

    /** Writes a run, all of it or nothing, and shows it to readers. */
    public void commit(WriteTxn txn, EntryId applied) {
        AtomicWrite finished = txn.finishedWrite();
        Provenance provenance = unwrittenProvenance;
        if (provenance != null) {
            finished.put(Space.META, MetaKeys.PROVENANCE, provenance.encode());
        }
        StoreState before = state;
        StoreState after = new StoreState(
                applied,
                txn.revision(),
                txn.compactRevision(),
                before.compactedRevision(),
                before.pass(),
                txn.liveKeys(),
                txn.historyDigest(),
                before.events() + txn.eventCount(),
                before.removedEvents());
        writeAndPublish(finished, after);
        unwrittenProvenance = null;
        txn.written();
        changeCounts = txn.countedOnto(changeCounts);
    }

    /** Safe for all threads. */
    public ChangeCounts changeCounts() {
        return changeCounts;
    }

    /**
     * From now on this is the state of {@code memberId}. If it was another's, all that has been applied to it so far is
     * copied. That is written with the first run that the new owner applies: until then it is found again the same way.
     * To be called right after opening.
     */
    public void claim(long memberId) {
        byte[] stored = engine.get(Space.META, MetaKeys.PROVENANCE);
        Provenance before = stored == null ? null : Provenance.decode(stored);
        if (before != null && before.memberId() == memberId) {
            copiedThrough = before.copiedThrough();
        } else {
            copiedThrough = state.applied().index();
            unwrittenProvenance = new Provenance(memberId, copiedThrough);
        }
    }

    /** The last entry whose effects were not applied by the member whose state this is, but copied; 0 if there is none. */
    public long copiedThrough() {
        return copiedThrough;
    }

    /**
     * One step of removing compacted history; see {@link Compaction}.
     *
     * @return whether more is left
     */
    public boolean compactStep(int maxEvents) {
        if (!Compaction.isWanted(state)) {
            return false;
        }
        StoreState after = compaction.step(state, maxEvents, write);
        writeAndPublish(write, after);
        return Compaction.isWanted(after);
    }

    private void writeAndPublish(AtomicWrite finished, StoreState after) {
        state.requireForwardTo(after);
        StoreState last = wasReclaimed.getAndSet(false) ? after.withNothingToReclaim() : after;
        finished.put(Space.META, MetaKeys.STATE, last.encode());
        write(finished);
        state = last;
        ReadView before = newest;
        if (before == null) {
            throw new ClosedException("the store is closed");
        }
        newest = new ReadView(engine.view(), last);
        before.close();
    }

    private void write(AtomicWrite finished) {
        untilThereIsRoom(() -> engine.write(finished));
    }

    /** What found no room has not happened, so it is tried until there is some: nothing else can come first. */
    private void untilThereIsRoom(Runnable work) {
        while (true) {
            try {
                work.run();
                return;
            } catch (EngineFullException e) {
                whileFull.accept(e);
            }
        }
    }

    /**
     * @param wait called again and again while a write finds no room: waits a moment, or throws to give up. Without one
     *     the first such write is the last
     */
    public void whileFull(Consumer<EngineFullException> wait) {
        whileFull = wait;
    }

    /**
     * The newest view, to be given back by {@link ReadView#close}.
     *
     * @throws ClosedException if the store is closed
     */
    public ReadView borrowView() {
        while (true) {
            ReadView view = newest;
            if (view == null) {
                throw new ClosedException("the store is closed");
            }
            // It may have been replaced and let go of since we looked; then there is a newer one.
            if (view.tryBorrow()) {
                return view;
            }
        }
    }

    /** Everything that can still be asked for, in one checksum. Reads the whole store. */
    public Digest digest() {
        try (ReadView view = borrowView()) {
            return new DigestWalk(view).run();
        }
    }

    /** The hash of history through a revision, 0 for the newest (MT-4). Reads all of it. */
    public HashAnswer hash(long revision) {
        try (ReadView view = borrowView()) {
            return new HashWalk(view).run(revision);
        }
    }

    /** The rolling digest through {@link #applied}. */
    public long historyDigest() {
        return newestState().historyDigest();
    }

    /** What is kept of the rolling digest. */
    public Checkpoints checkpoints() {
        return ring.all();
    }

    /** The newest of {@link #checkpoints} alone, or none. */
    public Checkpoints newestCheckpoint() {
        return ring.newest();
    }

    /** Why this store is in doubt, or null if it is not. */
    public @Nullable Divergence divergence() {
        return divergence;
    }

    /**
     * Marks this store, and every copy that is made of it, as one whose history is in doubt; or, with null, not. Durable
     * on return.
     */
    public void mark(@Nullable Divergence found) {
        if (found == null) {
            write.delete(Space.META, MetaKeys.DIVERGED);
        } else {
            write.put(Space.META, MetaKeys.DIVERGED, found.encode());
        }
        write(write);
        untilThereIsRoom(engine::flush);
        divergence = found;
    }

    public EntryId applied() {
        return newestState().applied();
    }

    public long revision() {
        return newestState().revision();
    }

    public long compactRevision() {
        return newestState().compactRevision();
    }

    /** Up to which floor history has been removed from the disk. */
    public long compactedRevision() {
        return newestState().compactedRevision();
    }

    /** Changes of which the history is kept on the disk. */
    public long events() {
        return newestState().events();
    }

    public long liveKeys() {
        return newestState().liveKeys();
    }

    /** Whether removed events take up more than half as much room as those that are left. */
    public boolean isWorthReclaiming() {
        StoreState now = newestState();
        // Until the next write the state record does not know yet that the room was given back.
        return !wasReclaimed.get()
                && now.removedEvents() > MIN_RECLAIM_EVENTS
                && now.removedEvents() > now.events() / 2;
    }

    private static final long MIN_RECLAIM_EVENTS = 1000;

    /**
     * Gives the room of removed events back to the disk. Slow.
     *
     * @throws ClosedException if the store is closed, or is being closed meanwhile
     */
    public void reclaim() {
        engine.reclaim();
        wasReclaimed.set(true);
    }

    /**
     * Gives all room back to the disk that can be. Slower than {@link #reclaim}.
     *
     * @throws ClosedException if the store is closed, or is being closed meanwhile
     */
    public void defragment() {
        engine.defragment();
        wasReclaimed.set(true);
    }

    private StoreState newestState() {
        ReadView view = newest;
        if (view == null) {
            throw new ClosedException("the store is closed");
        }
        return view.state();
    }

    /** Lets go of the view and of the write, not of the engine. Borrowed views stay good. */
    public void close() {
        ReadView last = newest;
        newest = null;
        if (last != null) {
            last.close();
            write.close();
        }
    }
}
