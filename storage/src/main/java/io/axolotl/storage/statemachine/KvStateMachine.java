package io.axolotl.storage.statemachine;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.auth.AccessRules;
import io.axolotl.storage.auth.AuthRules;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.DecodedCommand;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.lease.LeaseChanges;
import io.axolotl.storage.lease.LeaseRules;
import io.axolotl.storage.lease.LeaseTable;
import io.axolotl.storage.mvcc.ChangeCounts;
import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.mvcc.Divergence;
import io.axolotl.storage.mvcc.HashAnswer;
import io.axolotl.storage.mvcc.HistoryView;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.MvccStore;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.ReadMeter;
import io.axolotl.storage.mvcc.ReadView;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.WriteTxn;
import io.axolotl.storage.session.KeptAnswer;
import io.axolotl.storage.session.SessionTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The replicated state of one member: keys with their history, leases, sessions, membership, what members told of
 * themselves, and who may do what.
 *
 * <p>{@link #apply} and {@link #compactStep} are confined to the apply thread. Everything else is safe for all threads;
 * {@link #flush} and {@link #checkpoint} wait for a run that is being applied, and hold up the next, for as long as the
 * engine takes. After {@link #close} every call raises {@link ClosedException}.
 *
 * <p>An exception from {@link #apply}, {@link #compactStep} or {@link #flush} stops the node; no later call of these does
 * anything but raise an exception again.
 */
public final class KvStateMachine implements StateMachine {
    /** Bound of the cache of recent {@code idx} records. */
    private static final long RECORD_CACHE_BYTES = 16L << 20;

    private final Limits limits;
    private final KvEngine engine;
    private final MvccStore store;
    /** Keeps runs, compaction steps, flushes and checkpoints apart. Readers never take it. */
    private final ReentrantLock writing = new ReentrantLock();

    /** Callers that wait for history to be removed, by the floor they wait for. Guarded by itself. */
    private final NavigableMap<Long, List<Runnable>> awaitingRemoval = new TreeMap<>();

    private final LeaseTable leases;
    private final SessionTable sessions;

    private volatile Roster roster;
    private volatile Alarms alarms;
    private volatile AuthState auth;
    private volatile EntryId durable;
    private volatile @Nullable Throwable failure;
    private volatile boolean isClosed;

    /**
     * What bounds a run besides the entries it was given. Immutable.
     *
     * @param runBytes the run ends with the entry by which its results and its changes come to this much memory
     * @param plainDeletes a delete of more keys than this is not kept key by key, and ends the run
     */
    record Limits(long runBytes, int plainDeletes) {
        static final Limits DEFAULT = new Limits(8L << 20, 1_000);
    }

    /** As {@link #open(KvEngine, Membership, List)}, with nothing known of the members but their ids. */
    public static KvStateMachine open(KvEngine engine, Membership bootstrap) {
        return open(engine, bootstrap, List.of());
    }

    /**
     * Opens the state that an engine holds. The engine becomes this object's to close.
     *
     * @param bootstrap the membership of a store that is empty; else unused
     * @param seedMembers what is known of its members from the start; must be the same on every member of a new cluster.
     *     Unused unless the store is empty
     * @throws StoreDamagedException if the engine holds something else, or its parts do not belong together
     * @throws io.axolotl.storage.mvcc.UnknownFormatException if it is of a format unknown here (O3)
     */
    public static KvStateMachine open(KvEngine engine, Membership bootstrap, List<MemberAttributes> seedMembers) {
        return open(engine, bootstrap, seedMembers, Limits.DEFAULT);
    }

    static KvStateMachine open(
            KvEngine engine, Membership bootstrap, List<MemberAttributes> seedMembers, Limits limits) {
        MvccStore store = MvccStore.open(engine, RECORD_CACHE_BYTES, limits.plainDeletes, txn -> {
            txn.putMeta(MetaKeys.membership(), bootstrap.encode());
            for (MemberAttributes seed : seedMembers) {
                txn.putMeta(MetaKeys.member(seed.id()), MemberRecord.of(seed).encode());
            }
        });
        try {
            return new KvStateMachine(engine, store, limits);
        } catch (RuntimeException e) {
            // What the store holds of the engine would keep its owner from closing it.
            store.close();
            throw e;
        }
    }

    private KvStateMachine(KvEngine engine, MvccStore store, Limits limits) {
        this.limits = limits;
        this.engine = engine;
        this.store = store;
        this.leases = LeaseTable.read(engine);
        this.sessions = SessionTable.read(engine);
        this.roster = new Roster(readMembership(engine), readRecords(engine), readRemoved(engine));
        this.alarms = Alarms.read(engine);
        this.auth = AuthState.read(engine);
        // What is found when opening has survived; and what founds an empty store would be founded again.
        this.durable = store.applied();
    }

    private static Membership readMembership(KvEngine engine) {
        byte[] stored = engine.get(Space.META, MetaKeys.membership());
        if (stored == null) {
            throw new StoreDamagedException("its membership is missing");
        }
        try {
            return Membership.decode(stored);
        } catch (IllegalArgumentException e) {
            throw new StoreDamagedException("its membership is malformed: " + e.getMessage(), e);
        }
    }

    private static NavigableMap<Long, MemberRecord> readRecords(KvEngine engine) {
        NavigableMap<Long, MemberRecord> found = Roster.emptyRecords();
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.membersFrom(), MetaKeys.membersTo())) {
            while (cursor.next()) {
                long id = MetaKeys.memberIdOf(cursor.key());
                found.put(id, MemberRecord.decode(id, cursor.value()));
            }
        }
        return found;
    }

    private static NavigableSet<Long> readRemoved(KvEngine engine) {
        NavigableSet<Long> found = Roster.emptyIds();
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.removedFrom(), MetaKeys.removedTo())) {
            while (cursor.next()) {
                found.add(MetaKeys.memberIdOf(cursor.key()));
            }
        }
        return found;
    }

    @Override
    public EntryId applied() {
        return store.applied();
    }

    @Override
    public EntryId durable() {
        return durable;
    }

    @Override
    public Membership membership() {
        return roster.membership();
    }

    /** Who belongs to the cluster, and who is to, as of {@link #applied}. */
    public Roster roster() {
        return roster;
    }

    /** Every member with what is known of it, in id order. */
    public List<MemberAttributes> members() {
        return roster.members();
    }

    /** The alarms that are raised as of {@link #applied}. */
    public Alarms alarms() {
        return alarms;
    }

    /** Who may do what, as of {@link #applied}. */
    public AuthState auth() {
        return auth;
    }

    @Override
    public List<Applied> apply(List<Entry> entries, Predicate<RequestId> isAwaited) {
        return exclusively(() -> {
            WriteTxn txn = store.begin();
            Changes changes = new Changes(roster, new LeaseChanges(leases, txn), sessions, alarms, auth);
            List<Applied> outcomes = new ArrayList<>();
            EntryId last = store.applied();
            long resultBytes = 0;
            for (Entry entry : entries) {
                if (entry.index() != last.index() + 1 || entry.term() < last.term()) {
                    throw new AssertionError("entry " + entry.id() + " cannot be applied after " + last);
                }
                Applied outcome = applyOne(txn, changes, entry, isAwaited);
                outcomes.add(outcome);
                last = entry.id();
                resultBytes += ResultSize.memoryBytes(outcome.result());
                // Who may do what is shown after the keys of a run: nobody must see what came after a change of it
                // before that.
                boolean isAuthChanged = changes.auth != auth;
                if (resultBytes + txn.keptBytes() >= limits.runBytes || txn.hasBulkDelete() || isAuthChanged) {
                    break;
                }
            }
            if (!outcomes.isEmpty()) {
                store.commit(txn, last);
                roster = changes.roster;
                leases.take(changes.leases);
                alarms = changes.alarms;
                auth = changes.auth;
            }
            return outcomes;
        });
    }

    /**
     * What a run does to who belongs to the cluster, to leases, to alarms and to who may do what; taken over once the run is
     * written.
     */
    private static final class Changes {
        private Roster roster;
        private final LeaseChanges leases;
        private final SessionTable sessions;
        private Alarms alarms;
        private AuthState auth;

        Changes(Roster roster, LeaseChanges leases, SessionTable sessions, Alarms alarms, AuthState auth) {
            this.roster = roster;
            this.leases = leases;
            this.sessions = sessions;
            this.alarms = alarms;
            this.auth = auth;
        }

        CommandResult take(AuthRules.Outcome outcome) {
            auth = outcome.auth();
            return outcome.result();
        }

        CommandResult take(Alarms.Outcome outcome) {
            alarms = outcome.alarms();
            return outcome.result();
        }

        CommandResult take(MemberRules.Outcome outcome, long revision) {
            roster = outcome.roster();
            return outcome.result(revision);
        }
    }

    private static Applied applyOne(WriteTxn txn, Changes changes, Entry entry, Predicate<RequestId> isAwaited) {
        txn.beginEntry(entry);
        Applied outcome = applyBegun(txn, changes, entry, isAwaited);
        txn.endEntry(entry.index());
        return outcome;
    }

    private static Applied applyBegun(WriteTxn txn, Changes changes, Entry entry, Predicate<RequestId> isAwaited) {
        return switch (entry.kind()) {
            case NO_OP -> new Applied(entry.id(), null, null);
            case MEMBERSHIP -> {
                applyMembership(txn, changes, entry.payload());
                yield new Applied(entry.id(), null, null);
            }
            case COMMAND -> {
                DecodedCommand decoded = CommandCodec.decode(entry.payload());
                boolean isWanted = isAwaited.test(decoded.requestId());
                txn.beginCommand();
                CommandResult result = applyCommand(txn, changes, decoded, entry.id(), isWanted);
                txn.endCommand();
                txn.fold(codeOf(result));
                boolean isTold = isWanted
                        || result instanceof CommandResult.DigestChecked
                        || result instanceof CommandResult.TokenAssigned;
                yield new Applied(entry.id(), decoded.requestId(), isTold ? result : null);
            }
        };
    }

    /** What members must agree on in a result, whether or not it will be looked at. */
    private static long codeOf(CommandResult result) {
        if (result instanceof CommandResult.Refused refused) {
            // The name, for it outlives the order of the constants; Java defines its hash.
            return refused.why().name().hashCode();
        } else if (result instanceof CommandResult.DeleteRange delete) {
            return delete.deleted();
        } else if (result instanceof CommandResult.Txn txn) {
            return txn.succeeded() ? 1 : 0;
        } else if (result instanceof CommandResult.AlarmsChanged change) {
            return change.told().size();
        }
        // All else shows in the keyspace; and whether digests were equal is each member's own.
        return 0;
    }

    /** @param isWanted whether the result will be looked at; if not, it may lack everything that had to be read for it */
    private static CommandResult applyCommand(
            WriteTxn txn, Changes changes, DecodedCommand decoded, EntryId at, boolean isWanted) {
        Command command = decoded.command();
        Refusal refusal = AccessRules.refusalOf(
                changes.auth,
                decoded.caller(),
                command,
                (lease, from, to) -> changes.leases.exists(lease) && txn.isAnyAttached(lease, from, to));
        if (refusal != null) {
            return new CommandResult.Refused(refusal);
        }
        CallId call = decoded.caller().call();
        AnswerRoom wanted = isWanted ? AnswerRoom.unbounded() : AnswerRoom.none();
        if (call == null) {
            return execute(txn, changes, decoded.caller(), command, at, wanted);
        }
        CommandResult known =
                changes.sessions.answerOf(txn, changes.auth, decoded.caller(), call, decoded.fingerprint());
        if (known != null) {
            return known;
        }
        // Whether or not anybody waits here: what is kept for a repeat must be the same on every member.
        boolean mayBeKept = KeptAnswer.isOf(command);
        AnswerRoom room = mayBeKept && !isWanted ? AnswerRoom.of(KeptAnswer.MAX_BYTES) : wanted;
        CommandResult result = execute(txn, changes, decoded.caller(), command, at, room);
        return changes.sessions.keep(txn, call, decoded.fingerprint(), result, mayBeKept && room.isOpen());
    }

    private static CommandResult execute(
            WriteTxn txn, Changes changes, Caller caller, Command command, EntryId at, AnswerRoom room) {
        Refusal refusal = changes.alarms.refusalOf(command);
        if (refusal != null) {
            return new CommandResult.Refused(refusal);
        }
        if (command instanceof Command.Put put) {
            return CommandExecutor.put(txn, changes.leases::exists, put, room);
        } else if (command instanceof Command.Txn transaction) {
            return CommandExecutor.txn(txn, changes.leases::exists, transaction, room);
        } else if (command instanceof Command.DeleteRange delete) {
            return CommandExecutor.deleteRange(txn, delete, room);
        } else if (command instanceof Command.Compact compact) {
            return CommandExecutor.compact(txn, compact);
        } else if (command instanceof Command.PublishMember publish) {
            return changes.take(MemberRules.publish(txn, changes.roster, publish), txn.revision());
        } else if (command instanceof Command.OfMembers change) {
            return changes.take(MemberRules.apply(txn, changes.roster, change), txn.revision());
        } else if (command instanceof Command.CheckDigest check) {
            return new CommandResult.DigestChecked(check.index(), check.digest(), txn.digestAt(check.index()));
        } else if (command instanceof Command.OfLeases ofLeases) {
            return LeaseRules.apply(txn, changes.leases, ofLeases, at);
        } else if (command instanceof Command.OfSessions ofSessions) {
            return changes.sessions.apply(txn, changes.auth, caller, ofSessions, at);
        } else if (command instanceof Command.OfAlarms change) {
            return changes.take(changes.alarms.apply(txn, change));
        } else if (command instanceof Command.OfAuth change) {
            return changes.take(AuthRules.apply(txn, changes.auth, change, at));
        }
        throw new AssertionError("a command that cannot be applied: " + command);
    }

    private static void applyMembership(WriteTxn txn, Changes changes, byte[] payload) {
        txn.putMeta(MetaKeys.membership(), payload);
        changes.roster = MemberRules.membershipChanged(txn, changes.roster, Membership.decode(payload));
    }

    /** @throws EngineFullException if there is no room; nothing is the worse for it, and it may be tried again */
    @Override
    public SnapshotMetadata flush() {
        return exclusively(
                () -> {
                    engine.flush();
                    return nowDurable();
                },
                e -> !(e instanceof EngineFullException));
    }

    /**
     * Reads the files of the state again and holds them against their checksums; see {@link KvEngine#verifyFiles}. Safe for
     * all threads.
     */
    public void verifyFiles(LongConsumer read) {
        engine.verifyFiles(read);
    }

    /** Holds one file of a {@link #checkpoint} against the checksums in it; see {@link KvEngine#verifyFile}. Safe for all threads. */
    public void verifyFile(Path file) {
        engine.verifyFile(file);
    }

    /**
     * Flushes, and makes a copy of the state in a new folder, by hard links where files never change. The caller syncs
     * the folder that {@code target} is in.
     *
     * <p>A failure to make the copy leaves the state machine as it was.
     *
     * @return what the copy stands for
     */
    public SnapshotMetadata checkpoint(Path target) {
        // Most of the work is done beside the apply thread; what came meanwhile is little.
        engine.flush();
        writing.lock();
        try {
            refuseIfStopped();
            engine.checkpoint(target);
            return nowDurable();
        } finally {
            writing.unlock();
        }
    }

    /**
     * As {@link #checkpoint}, for somebody else than this member: what was made durable is not told.
     *
     * @return what is in the copy
     */
    public StateSummary export(Path target) {
        engine.flush();
        writing.lock();
        try {
            refuseIfStopped();
            engine.checkpoint(target);
            return new StateSummary(
                    store.applied(), store.revision(), store.compactRevision(), store.liveKeys(), store.events());
        } finally {
            writing.unlock();
        }
    }

    /**
     * Makes the state that an engine holds that of a new cluster: keys, history and all that belongs to them as they are;
     * the founders of the new cluster instead of the members of the old, and no alarms or sessions, which were of those. Durable on
     * return. Whoever is to start from the result must do so from a copy with the same founders and numbers.
     *
     * @param skipped revisions that are left out, so that what changes next is newer than anything that clients of the old
     *     cluster may have seen
     * @param isCompacted whether all history is compacted, so that nobody takes what they remember for what was restored
     * @return what is in it now
     * @throws StoreDamagedException if the engine holds something else, or its parts do not belong together
     */
    public static StateSummary refound(KvEngine engine, Founding founding, long skipped, boolean isCompacted) {
        MvccStore.refound(engine, skipped, isCompacted, txn -> {
            forgetAll(engine, txn, MetaKeys.membersFrom(), MetaKeys.membersTo());
            forgetAll(engine, txn, MetaKeys.removedFrom(), MetaKeys.removedTo());
            forgetAll(engine, txn, MetaKeys.alarmsFrom(), MetaKeys.alarmsTo());
            // Clients of the old cluster must not be told by the new one what came of their calls.
            forgetAll(engine, txn, MetaKeys.sessionsFrom(), MetaKeys.sessionsTo());
            forgetAll(engine, txn, MetaKeys.slotsFrom(), MetaKeys.slotsTo());
            txn.putMeta(MetaKeys.membership(), founding.membership().encode());
            for (MemberAttributes seed : founding.members()) {
                txn.putMeta(MetaKeys.member(seed.id()), MemberRecord.of(seed).encode());
            }
        });
        MvccStore store = MvccStore.open(engine, RECORD_CACHE_BYTES, Limits.DEFAULT.plainDeletes, txn -> {
            throw new AssertionError("what was just written is not there");
        });
        try {
            return new StateSummary(
                    store.applied(), store.revision(), store.compactRevision(), store.liveKeys(), store.events());
        } finally {
            store.close();
        }
    }

    private static void forgetAll(KvEngine engine, WriteTxn txn, byte[] from, byte[] to) {
        try (EngineCursor cursor = engine.scan(Space.META, from, to)) {
            while (cursor.next()) {
                txn.deleteMeta(cursor.key());
            }
        }
    }

    private SnapshotMetadata nowDurable() {
        durable = store.applied();
        return new SnapshotMetadata(durable, roster.membership());
    }

    /**
     * Removes a bounded part of what compaction has put out of reach, between two runs. Bounded by the number of events
     * looked at.
     *
     * @return whether more is left
     */
    public boolean compactStep(int maxRevisions) {
        boolean isMoreLeft = exclusively(() -> store.compactStep(maxRevisions));
        tellRemoval();
        return isMoreLeft;
    }

    /**
     * Runs {@code listener} once history below {@code revision} is removed from the store (CP-3, physical): at once if it
     * is, else on the apply thread after the step that finishes it. It must not block and must not throw.
     */
    public void whenRemoved(long revision, Runnable listener) {
        synchronized (awaitingRemoval) {
            awaitingRemoval.computeIfAbsent(revision, r -> new ArrayList<>()).add(listener);
        }
        tellRemoval();
    }

    private void tellRemoval() {
        List<Runnable> due = new ArrayList<>();
        synchronized (awaitingRemoval) {
            NavigableMap<Long, List<Runnable>> reached = awaitingRemoval.headMap(store.compactedRevision(), true);
            reached.values().forEach(due::addAll);
            reached.clear();
        }
        due.forEach(Runnable::run);
    }

    /** Whether removed history takes up so much room that {@link #reclaim} would help. Cheap. */
    public boolean isWorthReclaiming() {
        return store.isWorthReclaiming();
    }

    /**
     * Gives the room of removed history back to the disk if it is worth it. Slow: for a quiet thread. Holds up neither
     * runs nor readers, and is cut short by {@link #close}.
     *
     * @return whether it was worth it
     * @throws ClosedException if this is closed, or is being closed meanwhile
     */
    public boolean reclaim() {
        if (!isWorthReclaiming()) {
            return false;
        }
        store.reclaim();
        return true;
    }

    /** All leases as of {@link #applied}. */
    public LeaseTable leases() {
        return leases;
    }

    /** How many clients number their calls, as of a recent entry. */
    public int sessionCount() {
        return sessions.size();
    }

    /** Whether it would be of no use to open this session now; see {@link SessionTable#hasNoRoomFor}. */
    public boolean hasNoRoomForSession(long id, int maxSessions) {
        return sessions.hasNoRoomFor(id, maxSessions);
    }

    /** The keys that hang on a lease as of {@link #applied}, in order; what {@code meter} throws ends the read. */
    public List<byte[]> attachedKeys(long lease, ReadMeter meter) {
        try (ReadView view = store.borrowView()) {
            return view.attachedKeys(lease, meter);
        }
    }

    /**
     * Whether a key of a range hangs on a lease as of {@link #applied}.
     *
     * @param to exclusive; null for no end
     */
    public boolean isAnyAttached(long lease, byte[] from, byte @Nullable [] to) {
        try (ReadView view = store.borrowView()) {
            return view.isAnyAttached(lease, from, to);
        }
    }

    /**
     * Gives all room back to the disk that can be (MT-3), whether or not it is worth it. Slow: for a quiet thread. Holds up
     * neither runs nor readers, and is cut short by {@link #close}.
     *
     * @throws ClosedException if this is closed, or is being closed meanwhile
     */
    public void defragment() {
        store.defragment();
    }

    /** A range read as of the last applied run, or of an older revision. */
    public RangeAnswer range(RangeQuery query) {
        try (ReadView view = store.borrowView()) {
            return view.range(query);
        }
    }

    /** As {@link #range(RangeQuery)}; what {@code meter} throws ends the read. */
    public RangeAnswer range(RangeQuery query, ReadMeter meter) {
        try (ReadView view = store.borrowView()) {
            return view.metered(meter).range(query);
        }
    }

    /** As {@link #range(RangeQuery, ReadMeter)}, but looks no further than the limit and so does not count (RG-5). */
    public RangeAnswer page(RangeQuery query, ReadMeter meter) {
        try (ReadView view = store.borrowView()) {
            return view.metered(meter).page(query);
        }
    }

    /** As {@link #readOnlyTxn(Command.Txn)}; what {@code meter} throws ends the transaction. */
    public CommandResult readOnlyTxn(Command.Txn txn, ReadMeter meter) {
        try (ReadView view = store.borrowView()) {
            return CommandExecutor.readOnly(view.metered(meter), txn);
        }
    }

    /**
     * A transaction that only reads (TX-11), from one consistent view.
     *
     * @return {@link CommandResult.Txn}, or {@link CommandResult.Refused} if a range of it asks for a revision that is
     *     compacted or has not happened (TX-10)
     * @throws IllegalArgumentException if it holds a put or a delete on the chosen path
     */
    public CommandResult readOnlyTxn(Command.Txn txn) {
        try (ReadView view = store.borrowView()) {
            return CommandExecutor.readOnly(view, txn);
        }
    }

    /** What has happened, as of the last applied run; to be closed soon. */
    public HistoryView history() {
        return new HistoryView(store.borrowView());
    }

    /** The newest revision; 1 in a fresh store (MV-1). */
    public long revision() {
        return store.revision();
    }

    /** The compaction floor; -1 if there never was one. */
    public long compactRevision() {
        return store.compactRevision();
    }

    /** Since this state was opened. */
    public ChangeCounts changeCounts() {
        return store.changeCounts();
    }

    /** Keys that exist at {@link #revision}. */
    public long liveKeys() {
        return store.liveKeys();
    }

    /** Bytes that the state takes on disk and in write buffers, roughly; more than 0 (MT-2). */
    public long sizeBytes() {
        return Math.max(1, engine.sizeBytes());
    }

    /** Bytes of what is live in it, roughly; more than 0. */
    public long sizeInUseBytes() {
        return Math.max(1, Math.min(engine.liveBytes(), engine.sizeBytes()));
    }

    /** The rolling digest of all entries through {@link #applied} and of what applying them did. */
    public long historyDigest() {
        return store.historyDigest();
    }

    /** The rolling digest at some earlier indexes. */
    public Checkpoints checkpoints() {
        return store.checkpoints();
    }

    /** The newest of {@link #checkpoints} alone, or none. */
    public Checkpoints newestCheckpoint() {
        return store.newestCheckpoint();
    }

    /**
     * Says whose state this is from now on; what another member's has come to is then known to be copied. To be called
     * right after opening.
     */
    public void claim(long memberId) {
        store.claim(memberId);
    }

    /** The last entry that the member whose state this is has not applied itself but copied; 0 if there is none. */
    public long copiedThrough() {
        return store.copiedThrough();
    }

    /** Why this state is in doubt, or null if it is not. */
    public @Nullable Divergence divergence() {
        return store.divergence();
    }

    /**
     * Marks this state as one in doubt, durably, or with null as one that is not. A copy that is made of it is marked
     * too. Confined to the apply thread.
     */
    public void mark(@Nullable Divergence found) {
        exclusively(() -> {
            store.mark(found);
            return nowDurable();
        });
    }

    /**
     * What to do while a run finds no room on the disk, again and again until it does: wait a moment, or throw to give up.
     * Runs on the apply thread; to be set before the first run.
     */
    public void whileFull(Consumer<EngineFullException> wait) {
        store.whileFull(wait);
    }

    /** A checksum of the logical state, equal on all members at the same applied entry (I7). Reads all of it. */
    public Digest digest() {
        return store.digest();
    }

    /**
     * The hash of history through a revision, 0 for the newest: equal on all members that have the same compaction floor,
     * and equal to what etcd says of the same history (MT-4). Reads all of it.
     */
    public HashAnswer hash(long revision) {
        return store.hash(revision);
    }

    /**
     * Waits for readers, and lets go of everything. Does not flush: what was not flushed comes back by replay.
     *
     * @throws IllegalStateException if readers stay too long; no new one is let in, nothing was let go of, and this is to be
     *     called again later
     */
    @Override
    public void close() {
        writing.lock();
        try {
            // Both do nothing once they are done, and the rest when a first try was held up.
            isClosed = true;
            store.close();
            engine.close();
        } finally {
            writing.unlock();
        }
    }

    private void refuseIfStopped() {
        Throwable before = failure;
        if (before != null) {
            throw new EngineException("the state machine has failed before and must not go on", before);
        }
        if (isClosed) {
            throw new ClosedException("the state machine is closed");
        }
    }

    /** Runs one change of the state at a time; after one has failed, none (pitfall 49). */
    private <T> T exclusively(Supplier<T> change) {
        return exclusively(change, e -> true);
    }

    /** @param isLast whether nothing may come after what has failed like this */
    private <T> T exclusively(Supplier<T> change, Predicate<Throwable> isLast) {
        writing.lock();
        try {
            refuseIfStopped();
            try {
                return change.get();
            } catch (RuntimeException | Error e) {
                if (isLast.test(e)) {
                    failure = e;
                }
                throw e;
            }
        } finally {
            writing.unlock();
        }
    }
}
