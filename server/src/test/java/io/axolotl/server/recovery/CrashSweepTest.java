package io.axolotl.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.axolotl.raft.HardState;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.WalOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * The life of one member, all of its files in play: its first start, votes, writes, a compaction, members that come, a
 * snapshot and the cut of the log behind it, a suffix that another leader overwrites, a snapshot that arrives and is
 * installed, starts in between. The power is cut before every single change of the disk, with every outcome for what was not
 * synced; again at some moment of the recovery; and once more after it. The member comes back by itself, holds all that it
 * has acknowledged and nothing that nobody ever wrote, and goes on. (I11; D6, D8 to D10, D27; pitfalls 1, 6, 43, 46, 47.)
 */
@DisplayName("A member whose power is cut before any change of its disk")
class CrashSweepTest {
    private static final Path FOLDER = Path.of("/data");
    private static final NodeId SELF = new NodeId(1);
    private static final NodeId SECOND = new NodeId(2);
    private static final NodeId THIRD = new NodeId(3);
    private static final Membership FOUNDERS = Membership.ofVoters(List.of(SELF, SECOND, THIRD));

    /** Whether the second power cut comes at every moment of the recovery, not at some. */
    private static final boolean IS_WHOLE = Boolean.getBoolean("axolotl.crash.whole");

    /** How many outcomes are drawn of each power cut. */
    private static final int SEEDS = Integer.getInteger("axolotl.crash.seeds", 1);

    private static final int SOME_MOMENTS = 3;

    /** Changes of the disk that a recovery usually makes. */
    private static final int RECOVERY_CHANGES = 12;

    /** It warns of each, hundreds of times. */
    @BeforeAll
    static void beQuiet() {
        setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        setLevel(null);
    }

    private static void setLevel(@Nullable Level level) {
        for (String name : List.of("io.axolotl.server.recovery", "io.axolotl.storage")) {
            ((Logger) LoggerFactory.getLogger(name)).setLevel(level);
        }
    }

    /** The log that becomes committed, from index 1 on. */
    private static final List<Entry> HISTORY = history();

    /** What a leader of term 1 has left behind its entry 24, and the leader of term 2 overwrites. */
    private static final List<Entry> LOST = puts(1, 25, 30, "lost");

    /** What the state is after each entry of either. */
    private static final Map<EntryId, Digest> DIGESTS = new TreeMap<>();

    /** A snapshot of the others, through entry 45. */
    private static final Snapshot OFFERED = prepare();

    /** What the member may be relied on for, as its life goes on. */
    private EntryId promisedLast = EntryId.ZERO;

    private HardState promised = HardState.INITIAL;
    private HardState asked = HardState.INITIAL;
    private boolean isOverwritten;

    private static List<Entry> history() {
        List<Entry> entries = new ArrayList<>(puts(1, 1, 14, "a"));
        entries.add(command(1, 15, new Command.Compact(6, false)));
        Membership more = new Membership(FOUNDERS.voters(), new TreeSet<>(), new TreeSet<>(List.of(new NodeId(4))));
        entries.add(new Entry(new EntryId(1, 16), Entry.Kind.MEMBERSHIP, more.encode()));
        entries.addAll(puts(1, 17, 24, "b"));
        entries.addAll(puts(2, 25, 60, "c"));
        return List.copyOf(entries);
    }

    private static List<Entry> puts(long term, int from, int to, String value) {
        List<Entry> entries = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            byte[] bytes = (value + i).repeat(1 + i % 9).getBytes(StandardCharsets.UTF_8);
            entries.add(command(term, i, new Command.Put(new byte[] {(byte) (i % 11)}, bytes, 0, false, false, false)));
        }
        return entries;
    }

    private static Entry command(long term, int index, Command command) {
        return new Entry(
                new EntryId(term, index), Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(term, index), command));
    }

    private static Snapshot prepare() {
        RecoveredState other = recover(newDisk());
        RecoveredState loser = recover(newDisk());
        DIGESTS.put(EntryId.ZERO, other.stateMachine().digest());
        Snapshot taken = null;
        for (Entry entry : HISTORY) {
            other.stateMachine().apply(List.of(entry));
            DIGESTS.put(entry.id(), other.stateMachine().digest());
            if (entry.index() == 45) {
                taken = other.snapshotStore().create(other.stateMachine());
            }
            if (entry.index() < 25) {
                loser.stateMachine().apply(List.of(entry));
            }
        }
        for (Entry entry : LOST) {
            loser.stateMachine().apply(List.of(entry));
            DIGESTS.put(entry.id(), loser.stateMachine().digest());
        }
        if (taken == null) {
            throw new AssertionError("the history is too short");
        }
        return taken;
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName("comes back by itself, with all that it has acknowledged, and goes on")
    void comesBackByItself(FaultyDisk.Outcome outcome) {
        FaultyDisk whole = newDisk();
        long before = whole.changes();
        live(whole);
        long steps = whole.changes() - before;
        int points = 0;
        for (long step = 0; step < steps; step++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                points += IS_WHOLE ? crashAtAllMoments(step, outcome, seed) : crashAtSomeMoments(step, outcome, seed);
            }
        }
        System.out.println("crash sweep " + outcome + ": " + steps + " changes of the disk, " + points
                + " lives with three more power cuts each");
        assertThat(points).as("crash points of this outcome").isGreaterThan(667);
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName(
            "pitfalls 6, 54: or that is killed before any of them, and loses power only after it went on, keeps all the same")
    void keepsWhatItFoundAfterAKill(FaultyDisk.Outcome outcome) {
        FaultyDisk whole = newDisk();
        long before = whole.changes();
        live(whole);
        long steps = whole.changes() - before;
        for (long step = 0; step < steps; step++) {
            FaultyDisk disk = newDisk();
            disk.crashAfter(step);
            goesOnAndLosesPower(disk, outcome, step, "killed before change " + step);
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName(
            "pitfalls 6, 54: or that stops since any of its syncs fails, and loses power only after it went on, keeps all the same")
    void keepsWhatItFoundAfterAFailedSync(FaultyDisk.Outcome outcome) {
        AtomicLong syncs = new AtomicLong();
        FaultyDisk whole = newDisk();
        whole.failSyncs(path -> syncs.getAndIncrement() < 0);
        live(whole);
        long all = syncs.get();
        assertThat(all).as("syncs").isGreaterThan(50);
        for (long step = 0; step < all; step++) {
            long failing = step;
            AtomicLong done = new AtomicLong();
            FaultyDisk disk = newDisk();
            disk.failSyncs(path -> done.getAndIncrement() == failing);
            goesOnAndLosesPower(disk, outcome, step, "sync " + step + " failed");
        }
    }

    /** The process ends somewhere and is started again; the machine lives on until that one has acknowledged more. */
    private void goesOnAndLosesPower(FaultyDisk disk, FaultyDisk.Outcome outcome, long step, String what) {
        String when = what + ", then " + outcome;
        Random random = new Random(step);
        forget();
        assertThatThrownBy(() -> live(disk)).as(when).isNotNull();
        disk.kill();
        RecoveredState restarted = recover(disk);
        EntryId last = judge(restarted, when + ": before the power cut");
        goOn(restarted, last, when);
        disk.crash(outcome, random);
        judge(recover(disk), when);
    }

    private void forget() {
        promisedLast = EntryId.ZERO;
        promised = HardState.INITIAL;
        asked = HardState.INITIAL;
        isOverwritten = false;
    }

    /** @return how many lives there were */
    private int crashAtAllMoments(long step, FaultyDisk.Outcome outcome, int seed) {
        int moment = 0;
        while (crashAt(step, outcome, moment, seed)) {
            moment++;
        }
        return moment + 1;
    }

    /** Other ones for each step. */
    private int crashAtSomeMoments(long step, FaultyDisk.Outcome outcome, int seed) {
        for (int i = 0; i < SOME_MOMENTS; i++) {
            long moment = (5 * step + (long) i * RECOVERY_CHANGES / SOME_MOMENTS) % RECOVERY_CHANGES;
            crashAt(step, outcome, moment, seed);
        }
        return SOME_MOMENTS;
    }

    /**
     * @param moment how many changes the recovery is let make before the power is cut again
     * @return whether it was cut, that is, whether the recovery makes more
     */
    private boolean crashAt(long step, FaultyDisk.Outcome outcome, long moment, int seed) {
        String when = outcome + " crash before change " + step + ", in the recovery before change " + moment + ", seed "
                + seed;
        Random random = new Random(31 * (31 * step + moment) + seed);
        FaultyDisk disk = newDisk();
        forget();
        disk.crashAfter(step);
        boolean hasCrashed = false;
        try {
            live(disk);
        } catch (SimulatedCrash e) {
            hasCrashed = true;
        } catch (RecoveryFailedException e) {
            hasCrashed = isCrash(e);
        }
        assertThat(hasCrashed).as(when).isTrue();
        disk.crash(outcome, random);
        boolean wasCut = crashInRecovery(disk, moment);
        disk.crash(outcome, random);
        judge(recover(disk), when);
        disk.crash(outcome, random);
        RecoveredState again = recover(disk);
        EntryId last = judge(again, when + ", and again after it");
        goOn(again, last, when);
        disk.crash(outcome, random);
        judge(recover(disk), when + ", then more entries");
        return wasCut;
    }

    /** @return whether the recovery got that far */
    private static boolean crashInRecovery(FaultyDisk disk, long moment) {
        disk.crashAfter(moment);
        try {
            recover(disk);
            return false;
        } catch (SimulatedCrash e) {
            return true;
        } catch (RecoveryFailedException e) {
            assertThat(isCrash(e)).as("refused: %s", e).isTrue();
            return true;
        }
    }

    private static boolean isCrash(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof SimulatedCrash) {
                return true;
            }
        }
        return false;
    }

    /** @return the last entry that it has, in the log or applied */
    private EntryId judge(RecoveredState found, String when) {
        HardState state = found.hardState();
        assertThat(state.equals(promised) || state.equals(asked))
                .as(
                        "%s: %s is neither what was promised, %s, nor what was being written, %s",
                        when, state, promised, asked)
                .isTrue();
        assertThat(found.embargo()).as("%s: a power cut is no damage", when).isNull();
        KvStateMachine machine = found.stateMachine();
        assertThat(machine.digest())
                .as("%s: the state of %s", when, machine.applied())
                .isEqualTo(DIGESTS.get(machine.applied()));
        EntryId last = found.wal().last();
        assertThat(last.index())
                .as(when)
                .isGreaterThanOrEqualTo(machine.applied().index());
        if (last.index() > machine.applied().index()) {
            machine.apply(found.wal().entries(machine.applied().index() + 1, last.index() + 1, Long.MAX_VALUE));
        }
        assertThat(machine.digest()).as("%s: the state of %s", when, last).isEqualTo(DIGESTS.get(last));
        assertThat(isOn(promisedLast, last))
                .as("%s: %s was acknowledged, found was %s", when, promisedLast, last)
                .isTrue();
        return last;
    }

    /** Whether a log that ends in {@code last} holds all that had to stay of one that ended in {@code promised}. */
    private boolean isOn(EntryId promised, EntryId last) {
        EntryId kept = isOverwritten && isLost(promised) ? HISTORY.get(23).id() : promised;
        if (kept.index() == 0) {
            return true;
        }
        if (kept.index() > last.index()) {
            return false;
        }
        List<Entry> log = isLost(last) ? LOST : HISTORY;
        long first = log.get(0).index();
        return kept.index() < first
                || log.get((int) (kept.index() - first)).id().equals(kept);
    }

    private static boolean isLost(EntryId id) {
        return id.term() == 1 && id.index() >= LOST.get(0).index();
    }

    /** Takes what it lacks of the history, as a leader would send it. */
    private void goOn(RecoveredState member, EntryId last, String when) {
        isOverwritten |= isLost(last);
        long from = isLost(last) ? LOST.get(0).index() : last.index() + 1;
        List<Entry> more = HISTORY.subList((int) from - 1, HISTORY.size());
        vote(member, new HardState(Math.max(2, member.hardState().term() + 1), SELF, 0));
        if (!more.isEmpty()) {
            member.wal().append(more);
            member.wal().sync();
        }
        promisedLast = member.wal().last();
        assertThat(promisedLast).as(when).isEqualTo(new EntryId(2, 60));
    }

    // The life

    private void live(FaultyDisk disk) {
        RecoveredState member = recover(disk);
        vote(member, new HardState(1, SELF, 0));
        append(member, 1, 8);
        append(member, 9, 14);
        apply(member.stateMachine(), 1, 14);
        append(member, 15, 16);
        apply(member.stateMachine(), 15, 16);
        member.stateMachine().compactStep(100);
        member.knownStores().remember(SECOND, new KnownStores.Known(store(2), 1, 1, 0));
        member.liveState().makeSnapshot(member.stateMachine());
        member.wal().truncatePrefix(10);
        append(member, 17, 24);
        member.wal().prepareNextSegment();
        member.wal().append(LOST);
        member.wal().sync();
        promisedLast = LOST.get(LOST.size() - 1).id();
        apply(member.stateMachine(), 17, 20);
        member.stateMachine().flush();
        member.close(member.stateMachine());

        member = recover(disk);
        vote(member, new HardState(2, THIRD, 20));
        // The new leader's entries take the place of the lost ones, which may be gone from now on.
        isOverwritten = true;
        append(member, 25, 28);
        apply(member.stateMachine(), member.stateMachine().applied().index() + 1, 28);
        receive(member);
        KvStateMachine installed = member.liveState().install(OFFERED.manifest().metadata(), () -> {}, full -> {
            throw full;
        });
        member.liveState().retire(member.stateMachine());
        member.liveState().closeRetired();
        member.wal().reset(OFFERED.manifest().last());
        promisedLast = OFFERED.manifest().last();
        append(member, 46, 52);
        apply(installed, 46, 52);
        member.liveState().makeSnapshot(installed);
        member.wal().truncatePrefix(48);
        append(member, 53, 60);
        vote(member, new HardState(3, null, 60));
        member.close(installed);
        recover(disk);
    }

    private void vote(RecoveredState member, HardState state) {
        asked = state;
        member.hardStateFile().write(state);
        promised = state;
    }

    private void append(RecoveredState member, int from, int to) {
        List<Entry> entries = HISTORY.subList(from - 1, to);
        member.wal().append(entries);
        member.wal().sync();
        promisedLast = entries.get(entries.size() - 1).id();
    }

    private static void apply(KvStateMachine machine, long from, long to) {
        machine.apply(HISTORY.subList((int) from - 1, (int) to));
    }

    private static void receive(RecoveredState member) {
        SnapshotReceiver receiver = member.snapshotStore().receive(OFFERED.manifest());
        for (SnapshotManifest.FileEntry file : OFFERED.manifest().files()) {
            byte[] bytes = OFFERED.read(file.name(), 0, Integer.MAX_VALUE);
            int half = bytes.length / 2;
            for (byte[] chunk : List.of(Arrays.copyOf(bytes, half), Arrays.copyOfRange(bytes, half, bytes.length))) {
                CRC32C crc = new CRC32C();
                crc.update(chunk);
                receiver.write(file.name(), receiver.received(file.name()), chunk, (int) crc.getValue());
            }
        }
        receiver.finish().close();
    }

    private static StoreId store(int number) {
        return Objects.requireNonNull(StoreId.parse("%032x".formatted(number)));
    }

    private static FaultyDisk newDisk() {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(FOLDER);
        return disk;
    }

    private static RecoveredState recover(FaultyDisk disk) {
        return new Recovery(new Recovery.Settings(
                        disk,
                        FOLDER,
                        new Origin.Founder(new Origin.Place(77, SELF, new Founding(FOUNDERS, List.of())), List::of),
                        "n1",
                        List.of("http://here:2380"),
                        new WalOptions(1 << 12, 1 << 12, 1),
                        folder -> MemoryEngine.open(disk, folder)))
                .recover();
    }
}
