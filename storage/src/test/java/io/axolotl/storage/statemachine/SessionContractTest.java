package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.mvcc.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("pitfall 51: a call that comes again is answered with what it came to, and executed once")
class SessionContractTest extends StoreFixture {
    private static final long ME = 77;
    private static final int MANY = 16_384;
    private static final int IDLE = 600;
    private static final Caller EVE = Caller.user("eve", Long.MAX_VALUE);

    private static CallId call(int slot, long sequence) {
        return new CallId(ME, slot, sequence);
    }

    private void open() {
        open(ME);
    }

    private void open(long id) {
        assertThat(apply(new Command.OpenSession(id, MANY))).isInstanceOf(CommandResult.SessionOpened.class);
    }

    private CommandResult apply(CallId call, Command command) {
        return log.apply(store, Caller.NOBODY.making(call), command);
    }

    private CommandResult.Put put(CallId call, String key, String value) {
        return (CommandResult.Put) apply(call, Log.put(key, value));
    }

    private void pass(int seconds) {
        apply(new Command.PassTime(1, seconds, IDLE));
    }

    @Test
    void aRepeatedPutHasTheSameRevisionAndNoEffect() {
        open();
        CommandResult.Put first = put(call(0, 1), "k", "v");
        put("k", "of somebody else");
        assertThat(put(call(0, 1), "k", "v")).isEqualTo(first);
        assertThat(text(get("k").value())).isEqualTo("of somebody else");
        assertThat(store.revision()).isEqualTo(first.revision() + 1);
    }

    @Test
    void slotsDoNotKnowOfEachOther() {
        open();
        put(call(0, 1), "k", "a");
        put(call(1, 1), "k", "b");
        put(call(1, 2), "k", "c");
        put(call(0, 1), "k", "a");
        assertThat(get("k").version()).isEqualTo(3);
    }

    @Test
    void whatWasPassedIsRefusedAndNeverExecuted() {
        open();
        put(call(0, 3), "k", "a");
        assertThat(apply(call(0, 2), Log.put("k", "b"))).isEqualTo(refused(Refusal.CALL_PASSED));
        assertThat(get("k").version()).isEqualTo(1);
    }

    @Test
    void aCallOfNoSessionIsRefusedAndNeverExecuted() {
        assertThat(apply(call(0, 1), Log.put("k", "v"))).isEqualTo(refused(Refusal.SESSION_UNKNOWN));
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    @DisplayName("whoever repeats the opening finds the session that nobody has used, and no other")
    void aSessionIsOpenedOnce() {
        open();
        open();
        assertThat(store.sessionCount()).isEqualTo(1);
        put(call(0, 1), "k", "v");
        assertThat(apply(new Command.OpenSession(ME, MANY))).isEqualTo(refused(Refusal.SESSION_EXISTS));
        assertThat(put(call(0, 1), "k", "v").revision()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "a number that comes again with something else is no repeat: it is neither executed nor said to be done")
    void aNumberIsOfOneCallAlone() {
        open();
        CommandResult.Put first = put(call(0, 1), "k", "v");
        assertThat(apply(call(0, 1), Log.put("k", "other"))).isEqualTo(refused(Refusal.CALL_DIFFERS));
        assertThat(apply(call(0, 1), Log.put("l", "v"))).isEqualTo(refused(Refusal.CALL_DIFFERS));
        assertThat(apply(call(0, 1), Log.delete("k"))).isEqualTo(refused(Refusal.CALL_DIFFERS));
        assertThat(apply(call(0, 1), always(Log.put("k", "v")))).isEqualTo(refused(Refusal.CALL_DIFFERS));
        assertThat(put(call(0, 1), "k", "v")).isEqualTo(first);
        assertThat(store.revision()).isEqualTo(first.revision());
    }

    private static Command.Txn readsOf(int keys) {
        List<Command.Op> ops = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            ops.add(read("large" + i));
        }
        return txn(List.of(compare("none", Command.Operator.GREATER, Command.Target.VERSION, 0)), List.of(), ops);
    }

    @Test
    @DisplayName(
            "A16, pitfall 50: members that answer nobody make no more of an answer than could be kept, and keep the same")
    void aLargeAnswerIsNotMadeForNobody() {
        open();
        for (int i = 0; i < 100; i++) {
            put("large" + i, "x".repeat(100_000));
        }
        MemoryEngine quietEngine = MemoryEngine.inMemory();
        KvStateMachine quiet = KvStateMachine.open(quietEngine, Log.THREE);
        quiet.apply(log.after(0));
        assertThat(quiet.applied()).isEqualTo(store.applied());
        Entry numbered = log.append(Caller.NOBODY.making(call(0, 1)), readsOf(100));
        Applied asked = store.apply(List.of(numbered), id -> true).get(0);
        long readsBefore = quietEngine.reads();
        quiet.apply(List.of(numbered), id -> false);
        assertThat(quietEngine.reads() - readsBefore)
                .as("values that were read")
                .isLessThan(10);
        assertThat(((CommandResult.Txn) Objects.requireNonNull(asked.result())).responses())
                .hasSize(100);
        assertThat(quiet.digest()).isEqualTo(store.digest());
        assertThat(quiet.historyDigest()).isEqualTo(store.historyDigest());
        assertThat(apply(call(0, 1), readsOf(100))).isInstanceOf(CommandResult.AnswerNotKept.class);
    }

    @Test
    @DisplayName("A16: what is kept of calls counts for the length of a run")
    void keptAnswersEndARun() {
        KvStateMachine small = KvStateMachine.open(
                MemoryEngine.inMemory(), Log.THREE, List.of(), new KvStateMachine.Limits(10_000, 10));
        log.append(new Command.OpenSession(ME, MANY));
        log.append(Log.put("large0", "x".repeat(3_900)));
        small.apply(log.after(0));
        for (int i = 1; i <= 20; i++) {
            log.append(Caller.NOBODY.making(call(0, i)), readsOf(1));
        }
        assertThat(small.apply(log.after(2), id -> false)).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    @DisplayName(
            "a refusal is kept too: the call that comes later in the log must not succeed after its client was told")
    void aRefusalIsSettled() {
        open();
        Command.Put leased = new Command.Put(bytes("k"), bytes("v"), 9, false, false, false);
        CommandResult refusal = new CommandResult.Refused(Refusal.LEASE_NOT_FOUND, true);
        assertThat(apply(call(0, 1), leased)).isEqualTo(refusal);
        apply(new Command.GrantLease(9, 60));
        assertThat(apply(call(0, 1), leased)).isEqualTo(refusal);
        assertThat(apply(call(0, 2), leased)).isInstanceOf(CommandResult.Put.class);
    }

    @Test
    @DisplayName("QU-2: an alarm that is raised meanwhile does not change what a call came to")
    void anAlarmDoesNotHideWhatHappened() {
        open();
        CommandResult.Put first = put(call(0, 1), "k", "v");
        apply(new Command.RaiseAlarm(new Alarm(7, AlarmKind.NOSPACE)));
        assertThat(put(call(0, 1), "k", "v")).isEqualTo(first);
        assertThat(apply(call(0, 2), Log.put("k", "v"))).isEqualTo(new CommandResult.Refused(Refusal.NO_SPACE, true));
        apply(new Command.DisarmAlarm(new Alarm(7, AlarmKind.NOSPACE)));
        assertThat(apply(call(0, 2), Log.put("k", "v"))).isEqualTo(new CommandResult.Refused(Refusal.NO_SPACE, true));
    }

    @Test
    void previousVersionsAndReadsAreToldAgain() {
        open();
        put("k", "old");
        Command put = new Command.Put(bytes("k"), bytes("new"), 0, true, false, false);
        Command delete = new Command.DeleteRange(bytes("k"), NOTHING, true);
        Command txn = always(
                read("k"),
                new Command.Put(bytes("k"), bytes("newer"), 0, true, false, false),
                always(read("k"), read("none")));
        List<CommandResult> first = List.of(
                apply(call(0, 1), put), apply(call(1, 1), txn), apply(call(2, 1), delete), apply(call(3, 1), delete));
        put("k", "newest");
        List<CommandResult> again = List.of(
                apply(call(0, 1), put), apply(call(1, 1), txn), apply(call(2, 1), delete), apply(call(3, 1), delete));
        assertThat(again).usingRecursiveComparison().isEqualTo(first);
        assertThat(((CommandResult.DeleteRange) again.get(2)).deleted()).isEqualTo(1);
        assertThat(((CommandResult.DeleteRange) again.get(3)).deleted()).isZero();
    }

    @Test
    @DisplayName("what is too large to keep is told once; a repeat is told that it was applied, and when")
    void aLargeAnswerIsNotKept() {
        open();
        put("k", "x".repeat(5_000));
        Command put = new Command.Put(bytes("k"), bytes("v"), 0, true, false, false);
        CommandResult.Put first = (CommandResult.Put) apply(call(0, 1), put);
        assertThat(first.previous()).isNotNull();
        assertThat(apply(call(0, 1), put)).isEqualTo(new CommandResult.AnswerNotKept(first.revision()));
        assertThat(get("k").version()).isEqualTo(2);
    }

    @Test
    @DisplayName("what was read of a range is not kept, and not read by members that answer nobody")
    void rangesAreNotKept() {
        open();
        put("a", "1");
        Command.Txn txn = always(
                new Command.Range(RangeQuery.ofRange(OPEN, OPEN)),
                new Command.Put(bytes("b"), bytes("2"), 0, false, false, false));
        CommandResult.Txn first = (CommandResult.Txn) apply(call(0, 1), txn);
        assertThat(first.responses()).hasSize(2);
        assertThat(apply(call(0, 1), txn)).isEqualTo(new CommandResult.AnswerNotKept(first.revision()));
    }

    @Test
    @DisplayName("pitfall 50: what is kept does not depend on who waits")
    void keptWhetherOrNotAnybodyWaits() {
        open();
        put("k", "old");
        Command put = new Command.Put(bytes("k"), bytes("new"), 0, true, false, false);
        store.apply(List.of(log.append(Caller.NOBODY.making(call(0, 1)), put)), id -> false);
        CommandResult.Put again = (CommandResult.Put) apply(call(0, 1), put);
        assertThat(text(Objects.requireNonNull(again.previous()).value())).isEqualTo("old");
        KvStateMachine other = KvStateMachine.open(MemoryEngine.inMemory(), Log.THREE);
        other.apply(log.after(0));
        assertThat(other.digest()).isEqualTo(store.digest());
        assertThat(other.historyDigest()).isEqualTo(store.historyDigest());
    }

    @Test
    void aSessionSurvivesACrashWithItsCalls() {
        open();
        CommandResult.Put first = put(call(5, 1), "k", "v");
        store.flush();
        CommandResult.Put second = put(call(5, 2), "k", "v");
        crash();
        assertThat(store.sessionCount()).isEqualTo(1);
        replay();
        assertThat(put(call(5, 2), "k", "v")).isEqualTo(second);
        assertThat(apply(call(5, 1), Log.put("k", "v"))).isEqualTo(refused(Refusal.CALL_PASSED));
        assertThat(second.revision()).isEqualTo(first.revision() + 1);
        assertThat(get("k").version()).isEqualTo(2);
    }

    @Test
    @DisplayName("AU-9: a session takes the calls of who opened it alone")
    void aSessionIsItsOpeners() {
        apply(new Command.AddRole("root"));
        apply(new Command.AddUser("root", bytes("hash")));
        apply(new Command.GrantRole("root", "root"));
        apply(new Command.AddUser("eve", bytes("hash")));
        open();
        put(call(0, 1), "k", "v");
        apply(new Command.EnableAuth());
        Caller root = Caller.user("root", Long.MAX_VALUE);
        assertThat(log.apply(store, root.making(call(0, 1)), Log.put("k", "v")))
                .isEqualTo(refused(Refusal.SESSION_UNKNOWN));
        assertThat(log.apply(store, root, new Command.OpenSession(78, MANY)))
                .isInstanceOf(CommandResult.SessionOpened.class);
        assertThat(log.apply(store, root.making(new CallId(78, 0, 1)), Log.put("k", "v")))
                .isInstanceOf(CommandResult.Put.class);
        assertThat(log.apply(store, EVE.making(new CallId(78, 0, 1)), Log.put("k", "v")))
                .as("who may not is not even told of the session")
                .isEqualTo(refused(Refusal.PERMISSION_DENIED));
        assertThat(apply(call(0, 2), Log.put("k", "v"))).isEqualTo(refused(Refusal.USER_EMPTY));
        log.apply(store, root, new Command.ChangePassword("root", bytes("another")));
        assertThat(log.apply(store, root.making(new CallId(78, 0, 1)), Log.put("k", "v")))
                .as("a user of the same name may be another one")
                .isEqualTo(refused(Refusal.SESSION_UNKNOWN));
    }

    @Test
    @DisplayName("a denial is nobody's outcome: the call may be made again once it is allowed")
    void aDenialIsNotKept() {
        apply(new Command.AddRole("root"));
        apply(new Command.AddUser("root", bytes("hash")));
        apply(new Command.GrantRole("root", "root"));
        apply(new Command.AddUser("eve", bytes("hash")));
        apply(new Command.EnableAuth());
        Caller root = Caller.user("root", Long.MAX_VALUE);
        log.apply(store, EVE, new Command.OpenSession(ME, MANY));
        assertThat(log.apply(store, EVE.making(call(0, 1)), Log.put("k", "v")))
                .isEqualTo(refused(Refusal.PERMISSION_DENIED));
        log.apply(store, root, new Command.GrantRole("eve", "root"));
        assertThat(log.apply(store, EVE.making(call(0, 1)), Log.put("k", "v"))).isInstanceOf(CommandResult.Put.class);
    }

    @Test
    @DisplayName("pitfall 51: idle sessions end by the time that the log carries")
    void idleSessionsEnd() {
        open();
        open(78);
        put(call(0, 1), "k", "v");
        pass(400);
        put(call(0, 1), "k", "v");
        pass(199);
        assertThat(store.sessionCount()).isEqualTo(2);
        pass(1);
        assertThat(store.sessionCount()).as("a repeat is use too").isEqualTo(1);
        assertThat(apply(new CallId(78, 0, 1), Log.put("k", "v"))).isEqualTo(refused(Refusal.SESSION_UNKNOWN));
        pass(400);
        assertThat(apply(call(0, 1), Log.put("k", "v"))).isEqualTo(refused(Refusal.SESSION_UNKNOWN));
        assertThat(get("k").version()).isEqualTo(1);
    }

    @Test
    @DisplayName("pitfall 53: time that another term's leader has measured does not count")
    void timeOfAnotherTermDoesNotCount() {
        open();
        assertThat(apply(new Command.PassTime(2, 10_000, IDLE))).isEqualTo(refused(Refusal.LEADER_REPLACED));
        assertThat(store.sessionCount()).isEqualTo(1);
        Entry ofTermTwo = new Entry(
                new EntryId(2, log.after(0).size() + 1L),
                Entry.Kind.COMMAND,
                log.append(new Command.PassTime(2, 10_000, IDLE)).payload());
        store.apply(List.of(ofTermTwo));
        assertThat(store.sessionCount()).isZero();
    }

    @Test
    @DisplayName("one too many takes the place of the one that was idle for longest, or is refused")
    void sessionsAreBounded() {
        assertThat(apply(new Command.OpenSession(1, 2))).isInstanceOf(CommandResult.SessionOpened.class);
        assertThat(apply(new Command.OpenSession(2, 2))).isInstanceOf(CommandResult.SessionOpened.class);
        assertThat(apply(new Command.OpenSession(3, 2))).isEqualTo(refused(Refusal.TOO_MANY_SESSIONS));
        pass(50);
        apply(new CallId(1, 0, 1), Log.put("k", "v"));
        pass(44);
        assertThat(apply(new Command.OpenSession(3, 2))).isEqualTo(refused(Refusal.TOO_MANY_SESSIONS));
        pass(1);
        assertThat(apply(new Command.OpenSession(3, 2))).isInstanceOf(CommandResult.SessionOpened.class);
        assertThat(apply(new CallId(2, 0, 1), Log.put("k", "v"))).isEqualTo(refused(Refusal.SESSION_UNKNOWN));
        assertThat(apply(new CallId(1, 0, 1), Log.put("k", "v"))).isInstanceOf(CommandResult.Put.class);
        assertThat(store.sessionCount()).isEqualTo(2);
    }

    @Test
    @DisplayName("whoever cannot open a session is told so without the log, and whoever repeats its opening is not")
    void aFullTableIsKnownBeforehand() {
        assertThat(store.hasNoRoomForSession(3, 2)).isFalse();
        apply(new Command.OpenSession(1, 2));
        apply(new Command.OpenSession(2, 2));
        assertThat(store.hasNoRoomForSession(3, 2)).isTrue();
        assertThat(store.hasNoRoomForSession(2, 2)).isFalse();
        pass(94);
        crash();
        replay();
        assertThat(store.hasNoRoomForSession(3, 2)).isTrue();
        pass(1);
        assertThat(store.hasNoRoomForSession(3, 2)).isFalse();
    }

    @Test
    @DisplayName("a cluster that is made of a copy does not know the sessions of the old one")
    void aRefoundedClusterForgetsSessions() {
        open();
        put(call(0, 1), "k", "v");
        store.flush();
        KvStateMachine.refound(engine, new Founding(Log.THREE, List.of()), 0, false);
        crash();
        assertThat(store.sessionCount()).isZero();
        assertThat(text(get("k").value())).isEqualTo("v");
    }
}
