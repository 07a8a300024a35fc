package io.axolotl.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.WalOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * One place of a data folder has rotted: every file, every block of it, each in every way. The real {@link Recovery} then
 * gives back everything, or owns up to what it lost and stands back from elections until the others have made up for it, or
 * refuses and names the file. It never goes on with less in silence. (D11 to D18, pitfalls 5, 55, 56.)
 *
 * <p>{@code RocksDbCorruptionTest} does the same with the files of the real database.
 */
@DisplayName("A data folder in which one place has rotted")
class CorruptionSweepTest {
    private static final Path FOLDER = Path.of("/data");
    private static final NodeId SELF = new NodeId(1);
    private static final NodeId SECOND = new NodeId(2);
    private static final NodeId THIRD = new NodeId(3);
    private static final int BLOCK_BYTES = 512;
    private static final int ENTRIES = 60;
    private static final HardState REMEMBERED = new HardState(5, SECOND, 52);

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

    private enum Rot {
        FLIP,
        ZERO,
        TRUNCATE,
        STALE,
        MISSING
    }

    private enum Verdict {
        WHOLE,
        STANDS_BACK,
        REFUSED,
        /** It starts with a number that the others have heard before, which they take for an old copy of the folder. */
        REFUSED_BY_OTHERS
    }

    /** Whose folder it is. */
    private enum Owner {
        /** One of three. */
        WITH_PEERS,
        /** Nobody else has what it has. */
        ALONE,
        /** One of three that has lost entries before, and stands back until the others have made up for them. */
        STANDING_BACK;

        boolean hasPeers() {
            return this != ALONE;
        }
    }

    /**
     * What was true before the rot.
     *
     * @param lastIndex of the log
     */
    private record Truth(
            Owner owner,
            FaultyDisk good,
            FaultyDisk earlier,
            List<Digest> digests,
            HardState remembered,
            long lastIndex,
            long starts) {}

    private final Map<String, Integer> seen = new TreeMap<>();
    private final Set<Verdict> seenVerdicts = EnumSet.noneOf(Verdict.class);
    private final List<String> wrong = new ArrayList<>();
    private int cases;

    @ParameterizedTest(name = "of a member: {0}")
    @EnumSource(Owner.class)
    @DisplayName("is recovered whole, stands back, or is refused by name; never less in silence")
    void everyBlockOfEveryFileInEveryWay(Owner owner) {
        Truth truth = owner == Owner.STANDING_BACK ? writeAndLose() : write(owner);
        for (Path file : files(truth.good(), FOLDER)) {
            byte[] content = truth.good().content(file);
            if (!file.endsWith("loss")) {
                // Nothing tells its absence from its end, when the others have made up for what it was about.
                judge(truth, file, Rot.MISSING, 0);
            }
            for (int at = 0; at < content.length; at += BLOCK_BYTES) {
                judge(truth, file, Rot.FLIP, at);
                judge(truth, file, Rot.ZERO, at);
                judge(truth, file, Rot.TRUNCATE, at);
                judge(truth, file, Rot.STALE, at);
            }
        }
        System.out.println("corruption sweep " + owner + ": " + cases + " cases, " + seen);
        assertThat(wrong).isEmpty();
        assertThat(cases).isGreaterThan(200);
        Set<Verdict> verdicts = EnumSet.of(Verdict.REFUSED);
        if (owner.hasPeers()) {
            verdicts.add(Verdict.STANDS_BACK);
        }
        // The folder of the first two is in its first start, which has nothing older.
        verdicts.add(owner == Owner.STANDING_BACK ? Verdict.REFUSED_BY_OTHERS : Verdict.WHOLE);
        assertThat(seenVerdicts).isEqualTo(verdicts);
    }

    // The folder

    /** As {@link #write}, and a block of the log has rotted and been noticed. */
    private static Truth writeAndLose() {
        Truth whole = write(Owner.STANDING_BACK);
        for (Path file : files(whole.good(), FOLDER.resolve("member").resolve("wal"))) {
            for (int at = 0; at < whole.good().content(file).length; at += BLOCK_BYTES) {
                FaultyDisk disk = whole.good().copy();
                disk.overwrite(file, at, new byte[BLOCK_BYTES]);
                RecoveredState member = recover(disk, Owner.STANDING_BACK);
                if (member.embargo() != null) {
                    disk.kill();
                    long last = member.wal().last().index();
                    assertThat(last).isLessThan(ENTRIES);
                    assertThat(member.hardState().term()).isGreaterThan(REMEMBERED.term());
                    return new Truth(
                            whole.owner(),
                            disk,
                            whole.earlier(),
                            whole.digests(),
                            member.hardState(),
                            last,
                            member.starts());
                }
            }
        }
        throw new AssertionError("no block of the log is missed");
    }

    private static Truth write(Owner owner) {
        boolean hasPeers = owner.hasPeers();
        List<Digest> digests = new ArrayList<>();
        FaultyDisk other = newDisk();
        RecoveredState reference = recover(other, owner);
        digests.add(reference.stateMachine().digest());
        for (Entry entry : entries(1, ENTRIES)) {
            reference.stateMachine().apply(List.of(entry));
            digests.add(reference.stateMachine().digest());
        }

        FaultyDisk disk = newDisk();
        RecoveredState member = recover(disk, owner);
        member.hardStateFile().write(new HardState(2, SELF, 0));
        append(member, 1, 20);
        member.stateMachine().apply(entries(1, 20));
        if (hasPeers) {
            member.knownStores().remember(SECOND, new KnownStores.Known(store(2), 3, 4, 5));
        }
        member.liveState().makeSnapshot(member.stateMachine());
        member.wal().truncatePrefix(12);
        append(member, 21, 40);
        member.stateMachine().apply(entries(21, 40));
        member.stateMachine().flush();
        FaultyDisk earlier = disk.copy();
        member.hardStateFile().write(new HardState(4, SELF, 38));
        append(member, 41, 50);
        member.stateMachine().apply(entries(41, 50));
        member.stateMachine().flush();
        if (hasPeers) {
            member.knownStores().remember(THIRD, new KnownStores.Known(store(3), 1, 1, 1));
        }
        append(member, 51, 55);
        member.hardStateFile().write(REMEMBERED);
        append(member, 56, ENTRIES);
        disk.kill();
        return new Truth(owner, disk.copy(), earlier, digests, REMEMBERED, ENTRIES, 1);
    }

    private static StoreId store(int number) {
        return Objects.requireNonNull(StoreId.parse("%032x".formatted(number)));
    }

    private static void append(RecoveredState member, int from, int to) {
        for (int first = from; first <= to; first += 5) {
            member.wal().append(entries(first, Math.min(to, first + 4)));
            member.wal().sync();
        }
    }

    static List<Entry> entries(int from, int to) {
        List<Entry> entries = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            byte[] value = new byte[60 + i];
            Arrays.fill(value, (byte) i);
            Command put = new Command.Put(new byte[] {(byte) (i % 17)}, value, 0, false, false, false);
            entries.add(new Entry(
                    new EntryId(i <= 40 ? 2 : 4, i),
                    Entry.Kind.COMMAND,
                    CommandCodec.encode(new RequestId(1, i), put)));
        }
        return entries;
    }

    private static FaultyDisk newDisk() {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(FOLDER);
        return disk;
    }

    private static RecoveredState recover(FaultyDisk disk, Owner owner) {
        Membership founders = Membership.ofVoters(owner.hasPeers() ? List.of(SELF, SECOND, THIRD) : List.of(SELF));
        return new Recovery(new Recovery.Settings(
                        disk,
                        FOLDER,
                        new Origin.Founder(new Origin.Place(77, SELF, new Founding(founders, List.of())), List::of),
                        "n1",
                        List.of("http://here:2380"),
                        new WalOptions(1 << 12, 1 << 12, 1),
                        folder -> MemoryEngine.open(disk, folder)))
                .recover();
    }

    static List<Path> files(FaultyDisk disk, Path folder) {
        List<Path> files = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            if (disk.isDirectory(path)) {
                files.addAll(files(disk, path));
            } else {
                files.add(path);
            }
        }
        return files;
    }

    // Rot, and what becomes of it

    private void judge(Truth truth, Path file, Rot rot, int at) {
        FaultyDisk disk = truth.good().copy();
        if (!rot(truth, disk, file, rot, at)) {
            return;
        }
        cases++;
        String what = truth.owner() + ": " + file + " " + rot + " at " + at;
        try {
            Verdict verdict = verdict(truth, disk, file);
            seen.merge(kind(file) + " " + rot + " " + verdict, 1, Integer::sum);
            seenVerdicts.add(verdict);
            if (verdict == Verdict.REFUSED) {
                requireMendable(truth, disk, file);
            }
        } catch (AssertionError | RuntimeException e) {
            wrong.add(what + ": " + e);
        }
    }

    private static boolean rot(Truth truth, FaultyDisk disk, Path file, Rot rot, int at) {
        byte[] content = disk.content(file);
        int end = Math.min(content.length, at + BLOCK_BYTES);
        byte[] block = Arrays.copyOfRange(content, at, end);
        switch (rot) {
            case FLIP -> disk.flipBit(file, at + (31L * at + 7) % block.length, at / BLOCK_BYTES % 8);
            case ZERO -> {
                if (Arrays.equals(block, new byte[block.length])) {
                    return false;
                }
                disk.overwrite(file, at, new byte[block.length]);
            }
            case TRUNCATE -> {
                DiskFile open = disk.open(file);
                open.truncate(at);
                open.sync();
                open.close();
            }
            case STALE -> {
                if (!truth.earlier().exists(file)) {
                    return false;
                }
                byte[] before = Arrays.copyOf(truth.earlier().content(file), content.length);
                byte[] stale = Arrays.copyOfRange(before, at, end);
                if (Arrays.equals(block, stale)) {
                    return false;
                }
                disk.overwrite(file, at, stale);
            }
            case MISSING -> disk.delete(file);
        }
        return true;
    }

    private static String kind(Path file) {
        return FOLDER.relativize(file)
                .toString()
                .replaceAll("[0-9a-f]{16}", "#")
                .replaceAll("[0-9]+", "#");
    }

    private static Verdict verdict(Truth truth, FaultyDisk disk, Path file) {
        RecoveredState found;
        try {
            found = recover(disk, truth.owner());
        } catch (RecoveryFailedException e) {
            assertThat(e.getMessage()).as("the refusal names the file").contains(file.toString());
            return Verdict.REFUSED;
        }
        boolean hasPeers = truth.owner().hasPeers();
        assertThat(found.identity().memberId()).isEqualTo(SELF);
        assertThat(found.founding().membership().voters()).hasSize(hasPeers ? 3 : 1);
        assertThat(found.knownStores().size()).isEqualTo(hasPeers ? 2 : 0);
        if (hasPeers && found.starts() <= truth.starts()) {
            return Verdict.REFUSED_BY_OTHERS;
        }
        assertThat(found.starts()).isEqualTo(truth.starts() + 1);
        HardState remembered = truth.remembered();
        assertThat(found.hardState().term()).as("term").isGreaterThanOrEqualTo(remembered.term());
        if (found.hardState().term() == remembered.term()) {
            assertThat(found.hardState().votedFor()).as("vote").isEqualTo(remembered.votedFor());
        }
        KvStateMachine state = found.stateMachine();
        long last = found.wal().last().index();
        if (last > state.applied().index()) {
            state.apply(found.wal().entries(state.applied().index() + 1, last + 1, Long.MAX_VALUE));
        }
        long applied = state.applied().index();
        assertThat(state.digest())
                .as("the state of entry " + applied)
                .isEqualTo(truth.digests().get((int) applied));
        long first = Math.max(1, found.wal().previous().index() + 1);
        if (first <= last) {
            assertThat(found.wal().entries(first, last + 1, Long.MAX_VALUE))
                    .isEqualTo(entries((int) first, (int) last));
        }
        if (found.embargo() != null) {
            assertThat(hasPeers).as("somebody can make up for it").isTrue();
            return Verdict.STANDS_BACK;
        }
        assertThat(truth.owner()).as("nobody has made up for what was lost").isNotEqualTo(Owner.STANDING_BACK);
        assertThat(applied).as("nothing is missing").isEqualTo(ENTRIES);
        return Verdict.WHOLE;
    }

    /** A refusal has made nothing worse: with the file as it was, all is as it was. */
    private static void requireMendable(Truth truth, FaultyDisk disk, Path file) {
        disk.kill();
        if (disk.exists(file)) {
            disk.delete(file);
        }
        if (!disk.exists(Objects.requireNonNull(file.getParent()))) {
            return;
        }
        try (DiskFile mended = disk.create(file)) {
            mended.write(ByteBuffer.wrap(truth.good().content(file)), 0);
            mended.sync();
        }
        RecoveredState found = recover(disk, truth.owner());
        assertThat(found.wal().last().index()).as("after the file was put back").isEqualTo(truth.lastIndex());
        assertThat(found.hardState()).isEqualTo(truth.remembered());
        assertThat(found.embargo() != null).isEqualTo(truth.owner() == Owner.STANDING_BACK);
    }
}
