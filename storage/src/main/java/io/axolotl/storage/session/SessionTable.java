package io.axolotl.storage.session;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.WriteTxn;
import io.axolotl.storage.session.Session.Owner;
import io.axolotl.storage.session.Session.Slot;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All sessions, and the rules by which calls are told from their repeats. Every change goes into the write of the run that it
 * belongs to, and into the rolling digest. It changes as a run goes on, before the run is written: nobody else looks at it,
 * and a run that cannot be written ends the state machine.
 *
 * <p>Confined to the apply thread, but for {@link #size} and {@link #hasNoRoomFor}.
 */
public final class SessionTable {
    /**
     * Who was idle for less does not have to make room for others: longer than any call should take. What a leader says of the
     * time may be said up to 35 s after it has passed, so this is a minute at least.
     */
    static final long PROTECTED_SECONDS = 95;

    /** Time that passes ends no more sessions at once than have so many slots, and one; those without a slot cost next to nothing. */
    private static final int ENDED_SLOTS_AT_ONCE = 4_096;

    private final Bounds bounds;
    private final Map<Long, Session> sessions = new ConcurrentHashMap<>();

    /** The same, who was idle for longest first. */
    private final NavigableSet<Session> byIdleness =
            new TreeSet<>(Comparator.comparingLong(Session::usedSeconds).thenComparingLong(session -> session.id));

    private long timeSeconds;
    private int slotCount;
    private long keptBytes;
    private volatile int size;

    /** Since the idlest session was used. Others use theirs meanwhile: so this may be too much, and never too little. */
    private volatile long longestIdleSeconds;

    /**
     * What all sessions together may take. Part of the meaning of the log.
     *
     * @param slots that are in use
     * @param keptBytes of answers that are more than that a call was applied
     */
    record Bounds(int slots, long keptBytes) {
        static final Bounds DEFAULT = new Bounds(1 << 17, 32L << 20);
    }

    SessionTable(Bounds bounds) {
        this.bounds = bounds;
    }

    /** Reads what an engine holds. */
    public static SessionTable read(KvEngine engine) {
        return read(engine, Bounds.DEFAULT);
    }

    static SessionTable read(KvEngine engine, Bounds bounds) {
        SessionTable table = new SessionTable(bounds);
        byte[] time = engine.get(Space.META, MetaKeys.sessionTime());
        if (time != null) {
            if (time.length != Long.BYTES) {
                throw new StoreDamagedException("the time of sessions has " + time.length + " bytes");
            }
            table.timeSeconds = ByteSource.getLong(time, 0);
        }
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.sessionsFrom(), MetaKeys.sessionsTo())) {
            while (cursor.next()) {
                long id = MetaKeys.sessionIdOf(cursor.key());
                Session session = Session.decode(id, cursor.value());
                table.sessions.put(id, session);
                table.byIdleness.add(session);
            }
        }
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.slotsFrom(), MetaKeys.slotsTo())) {
            while (cursor.next()) {
                long id = MetaKeys.sessionIdOf(cursor.key());
                Session session = table.sessions.get(id);
                if (session == null) {
                    throw new StoreDamagedException("there is a slot of no session " + Long.toHexString(id));
                }
                table.put(session, MetaKeys.slotOf(cursor.key()), Slot.decode(cursor.value()));
            }
        }
        table.counted();
        return table;
    }

    /** How many there are, as of a recent entry. Safe for all threads. */
    public int size() {
        return size;
    }

    /**
     * Whether it would be of no use to open this one now, as of a recent entry: there are that many, none of them was idle for
     * long enough to make room, and it is not there yet. Safe for all threads.
     */
    public boolean hasNoRoomFor(long id, int maxSessions) {
        return size >= maxSessions && longestIdleSeconds < PROTECTED_SECONDS && !sessions.containsKey(id);
    }

    /** Sessions have come or gone, or time has passed. */
    private void counted() {
        size = sessions.size();
        longestIdleSeconds =
                byIdleness.isEmpty() ? 0 : timeSeconds - byIdleness.first().usedSeconds();
    }

    int slotCount() {
        return slotCount;
    }

    long keptBytes() {
        return keptBytes;
    }

    // ---- calls ----

    /**
     * What is to be said of a call without executing it: what it came to before, or why it must not be executed. Null if it is
     * to be executed, and {@link #keep kept}.
     *
     * @param fingerprint of what is called: a number that comes again with something else is no repeat
     */
    public @Nullable CommandResult answerOf(
            WriteTxn txn, AuthState auth, Caller caller, CallId call, long fingerprint) {
        Session session = sessions.get(call.session());
        if (session == null || !session.owner.equals(ownerOf(auth, caller))) {
            return new CommandResult.Refused(Refusal.SESSION_UNKNOWN);
        }
        Slot slot = session.slot(call.slot());
        if (slot == null) {
            return hasRoomForASlot(txn, session) ? null : new CommandResult.Refused(Refusal.TOO_MANY_SESSIONS);
        }
        if (call.sequence() > slot.sequence()) {
            return null;
        }
        if (call.sequence() < slot.sequence()) {
            return new CommandResult.Refused(Refusal.CALL_PASSED);
        }
        if (slot.fingerprint() != fingerprint) {
            return new CommandResult.Refused(Refusal.CALL_DIFFERS);
        }
        if (slot.seconds() < timeSeconds) {
            write(txn, session, call.slot(), new Slot(slot.sequence(), timeSeconds, fingerprint, slot.answer()));
        }
        return KeptAnswer.decode(slot.answer());
    }

    /**
     * Takes note of what a call came to that {@link #answerOf} had nothing to say of.
     *
     * @param isWhole whether the result was made in full, as {@link KeptAnswer#isOf} asks for
     * @return the result to tell
     */
    public CommandResult keep(WriteTxn txn, CallId call, long fingerprint, CommandResult result, boolean isWhole) {
        Session session = sessions.get(call.session());
        if (session == null) {
            throw new AssertionError("a call of a session that is not there was executed: " + call);
        }
        byte[] answer = KeptAnswer.encode(result, isWhole, bounds.keptBytes - keptBytes);
        write(txn, session, call.slot(), new Slot(call.sequence(), timeSeconds, fingerprint, answer));
        return result instanceof CommandResult.Refused refused
                ? new CommandResult.Refused(refused.why(), true)
                : result;
    }

    private static Owner ownerOf(AuthState auth, Caller caller) {
        User user = caller.kind() == Caller.Kind.USER ? auth.user(caller.user()) : null;
        return new Owner(caller.user(), user == null ? 0 : user.credentialIndex());
    }

    private void write(WriteTxn txn, Session session, int number, Slot slot) {
        put(session, number, slot);
        byte[] record = slot.encode();
        txn.putMeta(MetaKeys.slot(session.id, number), record);
        txn.fold(record);
    }

    private void put(Session session, int number, Slot slot) {
        boolean isUsed = slot.seconds() > session.usedSeconds();
        if (isUsed) {
            byIdleness.remove(session);
        }
        slotCount -= session.slots().size();
        keptBytes -= session.keptBytes();
        session.put(number, slot);
        slotCount += session.slots().size();
        keptBytes += session.keptBytes();
        if (isUsed) {
            byIdleness.add(session);
        }
    }

    private boolean hasRoomForASlot(WriteTxn txn, Session session) {
        while (slotCount >= bounds.slots) {
            if (!makeRoom(txn, session)) {
                return false;
            }
        }
        return true;
    }

    // ---- sessions ----

    /** @param at the entry that holds the command */
    public CommandResult apply(WriteTxn txn, AuthState auth, Caller caller, Command.OfSessions command, EntryId at) {
        if (command instanceof Command.OpenSession open) {
            return open(txn, ownerOf(auth, caller), open);
        } else if (command instanceof Command.PassTime time) {
            return time.term() == at.term() ? pass(txn, time) : new CommandResult.Refused(Refusal.LEADER_REPLACED);
        }
        throw new AssertionError("a command on sessions that cannot be applied: " + command);
    }

    private CommandResult open(WriteTxn txn, Owner owner, Command.OpenSession command) {
        Session before = sessions.get(command.id());
        if (before != null) {
            boolean isRepeat = before.owner.equals(owner) && before.slots().isEmpty();
            return isRepeat
                    ? new CommandResult.SessionOpened(txn.revision(), before.id)
                    : new CommandResult.Refused(Refusal.SESSION_EXISTS);
        }
        while (sessions.size() >= command.maxSessions()) {
            if (!makeRoom(txn, null)) {
                return new CommandResult.Refused(Refusal.TOO_MANY_SESSIONS);
            }
        }
        Session opened = new Session(command.id(), owner, timeSeconds);
        sessions.put(opened.id, opened);
        byIdleness.add(opened);
        counted();
        byte[] record = opened.encode();
        txn.putMeta(MetaKeys.session(opened.id), record);
        txn.fold(opened.id);
        txn.fold(record);
        return new CommandResult.SessionOpened(txn.revision(), opened.id);
    }

    /** Ends the session that was idle for longest, the one of the lowest id among equals, if that was long enough. */
    private boolean makeRoom(WriteTxn txn, @Nullable Session spared) {
        Session idlest = byIdleness.isEmpty() ? null : byIdleness.first();
        if (idlest != null && idlest == spared) {
            idlest = byIdleness.higher(idlest);
        }
        if (idlest == null || timeSeconds - idlest.usedSeconds() < PROTECTED_SECONDS) {
            return false;
        }
        end(txn, idlest);
        return true;
    }

    private CommandResult pass(WriteTxn txn, Command.PassTime command) {
        timeSeconds += command.seconds();
        byte[] time = new byte[Long.BYTES];
        ByteSink.putLong(time, 0, timeSeconds);
        txn.putMeta(MetaKeys.sessionTime(), time);
        txn.fold(timeSeconds);
        int slotsBefore = slotCount;
        while (!byIdleness.isEmpty()
                && timeSeconds - byIdleness.first().usedSeconds() >= command.idleSeconds()
                && slotsBefore - slotCount < ENDED_SLOTS_AT_ONCE) {
            end(txn, byIdleness.first());
        }
        counted();
        return new CommandResult.TimePassed(txn.revision());
    }

    private void end(WriteTxn txn, Session session) {
        sessions.remove(session.id);
        byIdleness.remove(session);
        counted();
        slotCount -= session.slots().size();
        keptBytes -= session.keptBytes();
        txn.deleteMeta(MetaKeys.session(session.id));
        session.slots().keySet().forEach(number -> txn.deleteMeta(MetaKeys.slot(session.id, number)));
        txn.fold(session.id);
    }
}
