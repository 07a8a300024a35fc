package io.axolotl.storage.statemachine;

import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCost;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.Refusal;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.WriteTxn;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The alarms that are raised as of some applied entry, and what they forbid (contract B.12). Replicated like any other
 * state: raised and disarmed by commands, in every snapshot, and looked at only when a command is applied, so that all
 * members refuse the same ones.
 *
 * <p>Immutable: safe for all threads.
 */
public final class Alarms {
    static final Alarms NONE = new Alarms(new TreeSet<>());

    /** The value under an alarm's key: a version. */
    private static final byte[] RAISED = {1};

    private final NavigableSet<Alarm> raised;

    private Alarms(NavigableSet<Alarm> raised) {
        this.raised = Collections.unmodifiableNavigableSet(raised);
    }

    static Alarms read(KvEngine engine) {
        NavigableSet<Alarm> found = new TreeSet<>();
        try (EngineCursor cursor = engine.scan(Space.META, MetaKeys.alarmsFrom(), MetaKeys.alarmsTo())) {
            while (cursor.next()) {
                found.add(MetaKeys.alarmOf(cursor.key()));
                if (!Arrays.equals(cursor.value(), RAISED)) {
                    throw new StoreDamagedException("the record of the alarm " + found.last() + "is malformed");
                }
            }
        }
        return new Alarms(found);
    }

    /** By kind, then by member. */
    public List<Alarm> all() {
        return List.copyOf(raised);
    }

    public boolean isRaised(Alarm alarm) {
        return raised.contains(alarm);
    }

    /** Whether any member has raised this kind. */
    public boolean isRaised(AlarmKind kind) {
        return raised.stream().anyMatch(alarm -> alarm.kind() == kind);
    }

    /**
     * Why a command must not be applied now, or null (QU-2). CORRUPT ends every change of the keyspace, NOSPACE what would
     * add to it; members, alarms, comparisons of digests and what leases have left go on, for they are how it ends.
     */
    @Nullable Refusal refusalOf(Command command) {
        if (raised.isEmpty()) {
            return null;
        }
        if (changesKeyspace(command) && isRaised(AlarmKind.CORRUPT)) {
            return Refusal.CORRUPT;
        }
        return CommandCost.addedBytes(command) > 0 && isRaised(AlarmKind.NOSPACE) ? Refusal.NO_SPACE : null;
    }

    private static boolean changesKeyspace(Command command) {
        return command instanceof Command.Put
                || command instanceof Command.DeleteRange
                || command instanceof Command.Txn
                || command instanceof Command.Compact
                || command instanceof Command.GrantLease
                || command instanceof Command.RevokeLease
                || command instanceof Command.ExpireLease;
    }

    /** What a command on alarms came to. */
    record Outcome(Alarms alarms, CommandResult.AlarmsChanged result) {}

    /** MT-1: what is raised already is told again; what was not raised cannot be disarmed, and nothing is told. */
    Outcome apply(WriteTxn txn, Command.OfAlarms command) {
        Alarm alarm = command.alarm();
        boolean isRaise = command instanceof Command.RaiseAlarm;
        boolean wasRaised = raised.contains(alarm);
        CommandResult.AlarmsChanged result =
                new CommandResult.AlarmsChanged(txn.revision(), isRaise || wasRaised ? List.of(alarm) : List.of());
        if (isRaise == wasRaised) {
            return new Outcome(this, result);
        }
        NavigableSet<Alarm> after = new TreeSet<>(raised);
        byte[] key = MetaKeys.alarm(alarm);
        if (isRaise) {
            after.add(alarm);
            txn.putMeta(key, RAISED);
        } else {
            after.remove(alarm);
            txn.deleteMeta(key);
        }
        return new Outcome(new Alarms(after), result);
    }
}
