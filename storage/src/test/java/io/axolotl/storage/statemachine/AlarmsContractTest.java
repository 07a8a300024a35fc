package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Refusal;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contract B.12 and MT-1, as of the state. */
class AlarmsContractTest extends StoreFixture {
    private static final Alarm FULL = new Alarm(7, AlarmKind.NOSPACE);
    private static final Alarm CORRUPT = new Alarm(7, AlarmKind.CORRUPT);

    private CommandResult raise(Alarm alarm) {
        return apply(new Command.RaiseAlarm(alarm));
    }

    private CommandResult disarm(Alarm alarm) {
        return apply(new Command.DisarmAlarm(alarm));
    }

    private static CommandResult told(long revision, Alarm... alarms) {
        return new CommandResult.AlarmsChanged(revision, List.of(alarms));
    }

    @Test
    @DisplayName("MT-1 raising tells the alarm, also when it was raised before; disarming tells it once")
    void alarmsAreRaisedAndDisarmed() {
        assertThat(raise(FULL)).isEqualTo(told(1, FULL));
        assertThat(raise(FULL)).isEqualTo(told(1, FULL));
        assertThat(store.alarms().all()).containsExactly(FULL);
        assertThat(disarm(CORRUPT)).isEqualTo(told(1));
        assertThat(disarm(FULL)).isEqualTo(told(1, FULL));
        assertThat(disarm(FULL)).isEqualTo(told(1));
        assertThat(store.alarms().all()).isEmpty();
    }

    @Test
    @DisplayName("MT-1 the list goes by kind, then by the unsigned id of the member")
    void alarmsAreListedInOrder() {
        Alarm high = new Alarm(-1, AlarmKind.NOSPACE);
        raise(CORRUPT);
        raise(high);
        raise(FULL);
        assertThat(store.alarms().all()).containsExactly(FULL, high, CORRUPT);
    }

    @Test
    @DisplayName("QU-2 under NOSPACE puts and transactions with puts are refused; deletes, reads and compaction go on")
    void nospaceRefusesWhatAdds() {
        put("a", "1");
        raise(FULL);
        assertThat(apply(Log.put("b", "1"))).isEqualTo(refused(Refusal.NO_SPACE));
        assertThat(apply(always(read("a"), Log.put("b", "1")))).isEqualTo(refused(Refusal.NO_SPACE));
        assertThat(apply(txn(List.of(), List.of(), List.of(always(Log.put("b", "1"))))))
                .as("a branch that is not taken counts, as with etcd")
                .isEqualTo(refused(Refusal.NO_SPACE));
        assertThat(apply(new Command.GrantLease(1, 10))).isEqualTo(refused(Refusal.NO_SPACE));
        assertThat(store.revision()).isEqualTo(2);

        assertThat(apply(always(read("a"), Log.delete("x")))).isInstanceOf(CommandResult.Txn.class);
        assertThat(delete("a").deleted()).isEqualTo(1);
        compact(3);
        disarm(FULL);
        assertThat(put("b", "1")).isEqualTo(4);
    }

    @Test
    @DisplayName("QU-2 NOSPACE lasts until it is disarmed for every member that raised it")
    void nospaceLastsUntilAllHaveDisarmed() {
        Alarm other = new Alarm(8, AlarmKind.NOSPACE);
        raise(FULL);
        raise(other);
        disarm(FULL);
        assertThat(apply(Log.put("b", "1"))).isEqualTo(refused(Refusal.NO_SPACE));
        disarm(other);
        assertThat(put("b", "1")).isEqualTo(2);
    }

    @Test
    @DisplayName("QU-2 under CORRUPT every change of the keyspace is refused, before NOSPACE is looked at; reads go on")
    void corruptRefusesChanges() {
        put("a", "1");
        apply(new Command.GrantLease(1, 10));
        raise(FULL);
        raise(CORRUPT);
        for (Command change : List.of(
                Log.put("a", "2"),
                Log.delete("a"),
                always(Log.delete("a")),
                new Command.Compact(2, false),
                new Command.GrantLease(2, 10),
                new Command.RevokeLease(1),
                new Command.ExpireLease(1, 2, 1))) {
            assertThat(apply(change)).as(change.toString()).isEqualTo(refused(Refusal.CORRUPT));
        }
        assertThat(text(get("a").value())).isEqualTo("1");
        assertThat(store.compactRevision()).isEqualTo(-1);
        disarm(CORRUPT);
        assertThat(delete("a").deleted()).isEqualTo(1);
    }

    @Test
    @DisplayName("O4 alarms forbid nothing that keeps the cluster together")
    void membersAreManagedUnderAlarm() {
        raise(FULL);
        raise(CORRUPT);
        assertThat(apply(new Command.PublishMember(1, "n1", List.of(), List.of("http://c"), null)))
                .isInstanceOf(CommandResult.MemberRecorded.class);
        assertThat(apply(new Command.CheckpointLeases(1, List.of())))
                .isInstanceOf(CommandResult.LeasesCheckpointed.class);
        assertThat(apply(new Command.CheckDigest(64, 0))).isInstanceOf(CommandResult.DigestChecked.class);
    }

    @Test
    @DisplayName("A12 alarms survive a crash, and what was not flushed comes back by replay")
    void alarmsSurviveACrash() {
        raise(FULL);
        store.flush();
        raise(CORRUPT);
        crash();
        assertThat(store.alarms().all()).containsExactly(FULL);
        replay();
        assertThat(store.alarms().all()).containsExactly(FULL, CORRUPT);
    }

    @Test
    @DisplayName("I7 an alarm is part of both digests")
    void alarmsAreInTheDigests() {
        StoreFixture other = new StoreFixture() {};
        raise(FULL);
        other.apply(new Command.RaiseAlarm(CORRUPT));
        assertThat(store.digest().crc32c()).isNotEqualTo(other.store.digest().crc32c());
        assertThat(store.historyDigest()).isNotEqualTo(other.store.historyDigest());
    }

    @Test
    @DisplayName("I7 commands of one run see the alarms that commands before them in the run have raised")
    void aRunSeesItsOwnAlarms() {
        List<Applied> outcomes = store.apply(List.of(
                log.append(Log.put("a", "1")),
                log.append(new Command.RaiseAlarm(FULL)),
                log.append(Log.put("a", "2")),
                log.append(new Command.DisarmAlarm(FULL)),
                log.append(new Command.Put(bytes("a"), bytes("3"), 0, false, false, false))));
        assertThat(outcomes.get(2).result()).isEqualTo(refused(Refusal.NO_SPACE));
        assertThat(text(get("a").value())).isEqualTo("3");
        assertThat(get("a").version()).isEqualTo(2);
    }
}
