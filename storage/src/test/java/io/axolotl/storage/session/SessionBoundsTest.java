package io.axolotl.storage.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.MvccStore;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.WriteTxn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What sessions may take, reached (A16). */
class SessionBoundsTest {
    private static final int MANY = 1_000;
    private static final int IDLE = 600;
    private static final Refusal FULL = Refusal.TOO_MANY_SESSIONS;

    /** A table on a store of its own, one entry per call. */
    private static final class Member {
        private final MemoryEngine engine = MemoryEngine.inMemory();
        private final MvccStore store = MvccStore.open(engine, 1 << 20, 10, founding -> {});
        private final AuthState auth = AuthState.read(engine);
        private final SessionTable.Bounds bounds;
        private SessionTable table;
        private long index;

        Member(SessionTable.Bounds bounds) {
            this.bounds = bounds;
            this.table = SessionTable.read(engine, bounds);
        }

        /** As after a restart. */
        void readAgain() {
            table = SessionTable.read(engine, bounds);
        }

        private <T> T inEntry(Function<WriteTxn, T> work) {
            EntryId id = new EntryId(1, ++index);
            WriteTxn txn = store.begin();
            txn.beginEntry(new Entry(id, Entry.Kind.COMMAND, new byte[0]));
            txn.beginCommand();
            T done = work.apply(txn);
            txn.endCommand();
            txn.endEntry(index);
            store.commit(txn, id);
            return done;
        }

        CommandResult open(long id) {
            return apply(new Command.OpenSession(id, MANY));
        }

        CommandResult pass(int seconds) {
            return apply(new Command.PassTime(1, seconds, IDLE));
        }

        private CommandResult apply(Command.OfSessions command) {
            return inEntry(txn -> table.apply(txn, auth, Caller.NOBODY, command, new EntryId(1, index)));
        }

        /** A call that comes to this if it is executed. */
        CommandResult call(CallId call, CommandResult outcome) {
            return inEntry(txn -> {
                CommandResult known = table.answerOf(txn, auth, Caller.NOBODY, call, 5);
                return known != null ? known : table.keep(txn, call, 5, outcome, true);
            });
        }

        CommandResult put(long session, int slot, long sequence) {
            return call(new CallId(session, slot, sequence), SMALL);
        }
    }

    private static final CommandResult.Put SMALL = new CommandResult.Put(300, null);

    /** An answer that takes so many bytes. */
    private static CommandResult.Put answerOf(int bytes) {
        for (int value = 0; ; value++) {
            CommandResult.Put put =
                    new CommandResult.Put(300, new KeyValue(new byte[] {'k'}, 2, 2, 1, new byte[value], 0));
            if (KeptAnswer.encode(put, true, bytes).length == bytes) {
                return put;
            }
        }
    }

    private static SessionTable.Bounds bounds(int slots, long keptBytes, long sessionKeptBytes) {
        return new SessionTable.Bounds(slots, keptBytes, sessionKeptBytes, 4);
    }

    private static CommandResult refused(Refusal why) {
        return new CommandResult.Refused(why);
    }

    private static CommandResult notKept() {
        return new CommandResult.AnswerNotKept(300);
    }

    @Test
    @DisplayName("a slot too many is refused, and no slot that is in use")
    void slotsAreBounded() {
        Member member = new Member(bounds(3, 1_000, 1_000));
        member.open(1);
        member.open(2);
        member.put(1, 0, 1);
        member.put(1, 1, 1);
        member.put(2, 0, 1);
        assertThat(member.put(2, 1, 1)).isEqualTo(refused(FULL));
        assertThat(member.put(1, 2, 1)).isEqualTo(refused(FULL));
        assertThat(member.put(1, 1, 2)).isEqualTo(SMALL);
        assertThat(member.table.slotCount()).isEqualTo(3);
        member.readAgain();
        assertThat(member.put(2, 1, 1)).isEqualTo(refused(FULL));
    }

    @Test
    @DisplayName("the session that was idle for longest makes room for a slot once it was for a minute and a half")
    void idleSessionsMakeRoomForSlots() {
        Member member = new Member(bounds(3, 1_000, 1_000));
        member.open(1);
        member.open(2);
        member.put(2, 0, 1);
        member.put(2, 1, 1);
        member.pass(1);
        member.put(1, 0, 1);
        member.pass(93);
        assertThat(member.put(1, 1, 1)).isEqualTo(refused(FULL));
        member.pass(1);
        assertThat(member.put(1, 1, 1)).isEqualTo(SMALL);
        assertThat(member.table.slotCount()).isEqualTo(2);
        assertThat(member.put(2, 0, 2)).isEqualTo(refused(Refusal.SESSION_UNKNOWN));
    }

    @Test
    @DisplayName("no session makes room for a slot of its own: what its other slots know would be lost")
    void aSessionIsNotEndedForItself() {
        Member member = new Member(bounds(2, 1_000, 1_000));
        member.open(1);
        member.put(1, 0, 1);
        member.put(1, 1, 1);
        member.pass(200);
        assertThat(member.put(1, 2, 1)).isEqualTo(refused(FULL));
        assertThat(member.put(1, 0, 1)).isEqualTo(SMALL);
        member.open(2);
        member.pass(300);
        assertThat(member.put(1, 2, 1))
                .as("ending another helps nothing if it has no slot")
                .isEqualTo(refused(FULL));
        assertThat(member.put(1, 1, 1)).isEqualTo(SMALL);
    }

    @Test
    @DisplayName("with the room for answers full, what is small is kept and the rest is told once")
    void smallAnswersAreKeptWhateverIsKept() {
        Member member = new Member(bounds(10, 1_000, 1_000));
        member.open(1);
        member.open(2);
        CommandResult half = answerOf(500);
        assertThat(member.call(new CallId(1, 0, 1), half)).isEqualTo(half);
        member.call(new CallId(1, 1, 1), half);
        assertThat(member.table.keptBytes()).isEqualTo(1_000);
        CommandResult small = answerOf(KeptAnswer.SMALL_BYTES);
        CommandResult larger = answerOf(KeptAnswer.SMALL_BYTES + 1);
        member.call(new CallId(2, 0, 1), small);
        member.call(new CallId(2, 1, 1), larger);
        assertSame(member.call(new CallId(2, 0, 1), SMALL), small);
        assertThat(member.call(new CallId(2, 1, 1), larger)).isEqualTo(notKept());
        member.readAgain();
        assertThat(member.table.keptBytes()).isEqualTo(1_000 + KeptAnswer.SMALL_BYTES + 3);
        // What a slot has kept makes room for what it keeps next.
        CommandResult shorter = answerOf(430);
        member.call(new CallId(1, 1, 2), shorter);
        assertSame(member.call(new CallId(1, 1, 2), shorter), shorter);
        member.call(new CallId(1, 1, 3), half);
        assertThat(member.call(new CallId(1, 1, 3), half)).isEqualTo(notKept());
        member.call(new CallId(1, 1, 4), shorter);
        assertSame(member.call(new CallId(1, 1, 4), shorter), shorter);
    }

    @Test
    @DisplayName("a session that has taken its part leaves the rest to others")
    void aSessionHasItsPart() {
        Member member = new Member(bounds(10, 1_000, 600));
        member.open(1);
        member.open(2);
        CommandResult answer = answerOf(300);
        for (int slot = 0; slot < 3; slot++) {
            member.call(new CallId(1, slot, 1), answer);
        }
        assertSame(member.call(new CallId(1, 1, 1), answer), answer);
        assertThat(member.call(new CallId(1, 2, 1), answer)).isEqualTo(notKept());
        member.call(new CallId(2, 0, 1), answer);
        assertSame(member.call(new CallId(2, 0, 1), answer), answer);
    }

    @Test
    @DisplayName("A16: time that passes ends no more at once than the bound says")
    void sessionsEndAFewAtATime() {
        Member member = new Member(bounds(100, 1_000, 1_000));
        for (long id = 1; id <= 5; id++) {
            member.open(id);
            for (int slot = 0; slot < 3; slot++) {
                member.put(id, slot, 1);
            }
        }
        member.pass(IDLE);
        assertThat(member.table.size()).isEqualTo(3);
        assertThat(member.table.slotCount()).isEqualTo(9);
        member.pass(0);
        assertThat(member.table.size()).isEqualTo(1);
        member.pass(0);
        assertThat(member.table.size()).isZero();
        assertThat(member.table.slotCount()).isZero();
        assertThat(member.table.keptBytes()).isZero();
    }

    @Test
    @DisplayName("A16: what sessions may take fits a heap of 128 MiB")
    void theBoundsFitTheSmallestHeap() {
        SessionTable.Bounds bounds = SessionTable.Bounds.DEFAULT;
        long slotBytes = 112 + KeptAnswer.SMALL_BYTES;
        assertThat(bounds.slots() * slotBytes + bounds.keptBytes() + 16_384 * 220L)
                .isLessThan(20L << 20);
        assertThat(bounds.sessionKeptBytes() * 32).isLessThanOrEqualTo(bounds.keptBytes());
    }

    private static void assertSame(CommandResult told, CommandResult wanted) {
        assertThat(told).usingRecursiveComparison().withStrictTypeChecking().isEqualTo(wanted);
    }

    /** What happens in one entry: time passes, a session is opened, or a call is made that asks for an answer. */
    private record Step(int seconds, long opened, long session, int slot, long sequence, int answerBytes) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> time = Arbitraries.integers().between(0, 60).map(seconds -> new Step(seconds, 0, 0, 0, 0, 0));
        Arbitrary<Step> opening = Arbitraries.longs().between(1, 4).map(id -> new Step(-1, id, 0, 0, 0, 0));
        Arbitrary<Step> call = Combinators.combine(
                        Arbitraries.longs().between(1, 4),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.longs().between(1, 5),
                        Arbitraries.of(30, 64, 65, 150, 290))
                .as((session, slot, sequence, bytes) -> new Step(-1, 0, session, slot, sequence, bytes));
        return Arbitraries.frequencyOf(Tuple.of(2, time), Tuple.of(2, opening), Tuple.of(10, call))
                .list()
                .ofMinSize(10)
                .ofMaxSize(80);
    }

    @Property(tries = 150)
    @Label(
            "pitfall 50, A16: within bounds, who was not idle is not ended, and a restart changes nothing of what follows")
    void boundsHoldWhateverComes(@ForAll("steps") List<Step> steps) {
        SessionTable.Bounds bounds = new SessionTable.Bounds(6, 600, 300, 4);
        Member running = new Member(bounds);
        Member restarting = new Member(bounds);
        long now = 0;
        Map<Long, Long> used = new HashMap<>();
        for (Step step : steps) {
            List<CommandResult> told = new ArrayList<>();
            for (Member member : List.of(running, restarting)) {
                if (member == restarting) {
                    member.readAgain();
                }
                told.add(
                        step.seconds >= 0
                                ? member.pass(step.seconds)
                                : step.opened != 0
                                        ? member.open(step.opened)
                                        : member.call(
                                                new CallId(step.session, step.slot, step.sequence),
                                                answerOf(step.answerBytes)));
            }
            assertSame(told.get(1), told.get(0));
            now += Math.max(0, step.seconds);
            CommandResult result = told.get(0);
            if (result instanceof CommandResult.SessionOpened opened) {
                used.putIfAbsent(opened.id(), now);
            } else if (result instanceof CommandResult.Put || result instanceof CommandResult.AnswerNotKept) {
                used.put(step.session, now);
            } else if (result.equals(refused(Refusal.SESSION_UNKNOWN))) {
                Long last = used.remove(step.session);
                assertThat(last == null ? Long.MAX_VALUE : now - last)
                        .as("idle for")
                        .isGreaterThanOrEqualTo(SessionTable.PROTECTED_SECONDS);
            }
            SessionTable table = running.table;
            assertThat(table.slotCount()).isLessThanOrEqualTo(bounds.slots());
            assertThat(table.keptBytes())
                    .isLessThanOrEqualTo(bounds.keptBytes() + (long) table.slotCount() * KeptAnswer.SMALL_BYTES);
        }
        assertThat(restarting.store.historyDigest()).isEqualTo(running.store.historyDigest());
        assertThat(restarting.store.digest()).isEqualTo(running.store.digest());
        assertThat(restarting.table.keptBytes()).isEqualTo(running.table.keptBytes());
    }
}
