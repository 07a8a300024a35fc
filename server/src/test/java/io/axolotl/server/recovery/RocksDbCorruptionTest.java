package io.axolotl.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.axolotl.raft.HardState;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * As {@link CorruptionSweepTest}, on a real disk and the real database: every file of the live state and of the snapshot gone,
 * zeroed or as it was before, and each of its blocks with a flipped bit, zeroed, as it was before, or the first that is
 * missing. A file that the two share by a link rots for both. (D13, D14, D16.)
 */
@DisplayName("A data folder on a real disk in which one file has rotted")
class RocksDbCorruptionTest {
    private static final NodeId SELF = new NodeId(1);
    private static final int ENTRIES = 60;
    private static final int BLOCK = 512;

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

    @TempDir
    Path temp;

    private final Map<String, Integer> seen = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<Digest> digests = new ArrayList<>();
    private int cases;

    @Test
    @DisplayName("is recovered whole, or refused by name; never less in silence")
    void everyFileInEveryWay() throws IOException {
        Path good = Files.createDirectory(temp.resolve("good"));
        write(good);
        List<Path> files;
        try (Stream<Path> all = Files.walk(good.resolve("member"))) {
            files = all.filter(Files::isRegularFile)
                    .filter(path ->
                            path.toString().contains("/db/") || path.toString().contains("/snapshots/"))
                    .filter(path -> !String.valueOf(path.getFileName()).startsWith("LOG"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            judge(good, file, "missing", null);
            judge(good, file, "zeroed", new byte[content.length]);
            byte[] before = contentBefore(good.relativize(file));
            if (!Arrays.equals(before, content)) {
                judge(good, file, "as it was before", before);
            }
            for (int from = 0; from < content.length; from += BLOCK) {
                judgeBlock(good, file, content, before, from);
            }
        }
        System.out.println("corruption sweep on RocksDB: " + cases + " cases, " + seen);
        assertThat(wrong).isEmpty();
        assertThat(seen).containsKeys("whole", "refused");
        assertThat(cases).isGreaterThan(300);
    }

    private void judgeBlock(Path good, Path file, byte[] content, byte[] before, int from) throws IOException {
        int to = Math.min(content.length, from + BLOCK);
        int at = (from + to) / 2;
        byte[] flipped = content.clone();
        flipped[at] ^= 0x10;
        judge(good, file, "bit of byte " + at, flipped);
        judge(good, file, "cut at " + from, Arrays.copyOf(content, from));
        byte[] zeroed = content.clone();
        Arrays.fill(zeroed, from, to, (byte) 0);
        judge(good, file, "zeroes at " + from, zeroed);
        if (to <= before.length && Arrays.mismatch(before, from, to, content, from, to) >= 0) {
            byte[] stale = content.clone();
            System.arraycopy(before, from, stale, from, to - from);
            judge(good, file, "as it was before, at " + from, stale);
        }
    }

    /** Empty if there was no such file. */
    private byte[] contentBefore(Path file) throws IOException {
        Path there = temp.resolve("before").resolve(file);
        return Files.exists(there) ? Files.readAllBytes(there) : new byte[0];
    }

    /** A member alone: what it has lost nobody can give back, so it must say so. Its log begins behind its snapshot. */
    private void write(Path folder) throws IOException {
        RecoveredState member = recover(folder);
        digests.add(member.stateMachine().digest());
        member.hardStateFile().write(new HardState(2, SELF, 0));
        for (Entry entry : CorruptionSweepTest.entries(1, 30)) {
            member.stateMachine().apply(List.of(entry));
            digests.add(member.stateMachine().digest());
        }
        member.wal().append(CorruptionSweepTest.entries(1, 30));
        member.wal().sync();
        copy(folder, temp.resolve("before"));
        member.liveState().makeSnapshot(member.stateMachine());
        member.wal().truncatePrefix(30);
        member.hardStateFile().write(new HardState(4, SELF, 30));
        for (Entry entry : CorruptionSweepTest.entries(31, ENTRIES)) {
            member.stateMachine().apply(List.of(entry));
            digests.add(member.stateMachine().digest());
        }
        member.wal().append(CorruptionSweepTest.entries(31, ENTRIES));
        member.wal().sync();
        member.close(member.stateMachine());
    }

    private RecoveredState recover(Path folder) {
        RocksDbOptions options = new RocksDbOptions(1 << 20, 1 << 20, temp.resolve("native"));
        return new Recovery(new Recovery.Settings(
                        new RealDisk(new DiskMonitor()),
                        folder,
                        new Origin.Founder(
                                new Origin.Place(77, SELF, new Founding(Membership.ofVoters(List.of(SELF)), List.of())),
                                List::of),
                        "n1",
                        List.of("http://here:2380"),
                        new WalOptions(1 << 12, 1 << 12, 1),
                        db -> RocksDbEngine.open(db, options)))
                .recover();
    }

    private void judge(Path good, Path file, String how, byte @Nullable [] content) throws IOException {
        Path copy = temp.resolve("copy");
        delete(copy);
        copy(good, copy);
        Path rotten = copy.resolve(good.relativize(file));
        if (content == null) {
            Files.delete(rotten);
        } else {
            // Into the same file, which others may be linked to.
            Files.write(rotten, content, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        }
        cases++;
        String what = good.relativize(file) + " " + how;
        try {
            seen.merge(verdict(copy, rotten), 1, Integer::sum);
        } catch (AssertionError | RuntimeException e) {
            wrong.add(what + ": " + e);
        }
    }

    private String verdict(Path folder, Path rotten) {
        RecoveredState found;
        try {
            found = recover(folder);
        } catch (RecoveryFailedException e) {
            assertThat(e.getMessage())
                    .as("the refusal names the file or its folder")
                    .satisfiesAnyOf(
                            text -> assertThat(text).contains(rotten.toString()),
                            text -> assertThat(text)
                                    .contains(Objects.requireNonNull(rotten.getParent())
                                            .toString()));
            return "refused";
        }
        KvStateMachine state = found.stateMachine();
        try {
            long applied = state.applied().index();
            assertThat(found.embargo()).isNull();
            assertThat(found.wal().last().index()).isEqualTo(ENTRIES);
            if (applied < ENTRIES) {
                assertThat(applied)
                        .isGreaterThanOrEqualTo(found.wal().previous().index());
                state.apply(found.wal().entries(applied + 1, ENTRIES + 1L, Long.MAX_VALUE));
            }
            assertThat(state.digest()).as("the state").isEqualTo(digests.get(ENTRIES));
            return "whole";
        } catch (EngineException e) {
            // Found while reading, which ends the process and condemns the state for the next start.
            assertThat(e.isDamage()).as("%s", e.getMessage()).isTrue();
            return "found by a read";
        } finally {
            found.close(state);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Map<Object, Path> copied = new HashMap<>();
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path target = to.resolve(from.relativize(file));
                Path twin = copied.putIfAbsent(Objects.requireNonNull(attributes.fileKey()), target);
                if (twin == null) {
                    Files.copy(file, target);
                } else {
                    Files.createLink(target, twin);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.sorted((a, b) -> b.compareTo(a)).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}
