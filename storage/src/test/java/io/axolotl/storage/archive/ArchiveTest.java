package io.axolotl.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.Divergence;
import io.axolotl.storage.mvcc.HashAnswer;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.StateSummary;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** MT-5, as files: what is taken of a running state, what damage to it leads to, and what a new cluster makes of it. */
class ArchiveTest {
    private static final Path LIVE = Path.of("/data/live");
    private static final Path FILE = Path.of("/data/saved");

    private final FaultyDisk disk = new FaultyDisk();
    private final ArchiveStore archives = new ArchiveStore(disk, Path.of("/data/archives"), 0xc1, 7);
    private final Log log = new Log();
    private KvStateMachine live = open(LIVE);

    private KvStateMachine open(Path folder) {
        disk.createDirectories(folder);
        return KvStateMachine.open(MemoryEngine.open(disk, folder), Log.THREE);
    }

    @BeforeEach
    void fill() {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] value = new byte[random.nextInt(900)];
            random.nextBytes(value);
            log.apply(live, new Command.Put(Log.bytes("k" + i % 40), value, 0, false, false, false));
        }
        log.apply(live, Log.delete("k7"));
        log.apply(live, new Command.Compact(100, false));
    }

    private StateArchive make() {
        return archives.make(live).orElseThrow();
    }

    private static byte[] readAll(StateArchive archive, int chunkBytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (archive.remainingBytes() > 0) {
            out.writeBytes(archive.read(chunkBytes));
        }
        out.writeBytes(archive.checksum());
        return out.toByteArray();
    }

    private void write(byte[] bytes) {
        if (disk.exists(FILE)) {
            disk.delete(FILE);
        }
        try (DiskFile file = disk.create(FILE)) {
            file.write(ByteBuffer.wrap(bytes), 0);
        }
    }

    private byte[] save() {
        try (StateArchive archive = make()) {
            byte[] bytes = readAll(archive, 1000);
            write(bytes);
            return bytes;
        }
    }

    /** A header that says so little of itself that its checksum matches. */
    private static byte[] headerWith(long fileBytes, int files) {
        List<ArchiveHeader.PackedFile> packed = new java.util.ArrayList<>();
        for (int i = 0; i < files; i++) {
            packed.add(new ArchiveHeader.PackedFile(i + ".sst", fileBytes));
        }
        return new ArchiveHeader(1, 2, 3, new StateSummary(new io.axolotl.raft.log.EntryId(1, 1), 1, 1, 1, 1), packed)
                .encode();
    }

    @Test
    @DisplayName("A16: files whose sizes cannot be added up are damage, not an accident")
    void sizesThatOverflowAreDamage() {
        write(headerWith(Long.MAX_VALUE, 2));
        assertThatThrownBy(() -> ArchiveFile.open(disk, FILE))
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("more bytes than any file can have");
    }

    @Test
    @DisplayName("A16: a header that claims to be longer than its file is not given room")
    void aHeaderLongerThanItsFileIsNotRead() {
        byte[] start = java.util.Arrays.copyOf(headerWith(10, 1), ArchiveHeader.START_BYTES);
        java.nio.ByteBuffer.wrap(start).putInt(12, 60 << 20);
        write(start);
        assertThatThrownBy(() -> ArchiveFile.open(disk, FILE))
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("its header alone 62914560");
    }

    private static int hash(KvStateMachine state) {
        return ((HashAnswer.Hashed) state.hash(0)).crc32c();
    }

    @Test
    @DisplayName("MT-5: the content is a multiple of 512 bytes, and a checksum of 32 follows")
    void sizesAreWhatClientsLookAt() {
        try (StateArchive archive = make()) {
            assertThat(archive.sizeBytes()).isPositive().matches(size -> size % 512 == 0);
            byte[] all = readAll(archive, 32 * 1024);
            assertThat(all).hasSize((int) archive.sizeBytes() + 32);
        }
    }

    @Test
    @DisplayName("what is read does not depend on the size of the chunks")
    void chunksMakeNoDifference() {
        byte[] small;
        byte[] large;
        try (StateArchive archive = make()) {
            small = readAll(archive, 7);
        }
        try (StateArchive archive = make()) {
            large = readAll(archive, 1 << 20);
        }
        // But for the time at which they were taken, and what follows from that.
        assertThat(small).hasSameSizeAs(large);
        assertThat(Arrays.copyOfRange(small, 512, small.length - 32))
                .isEqualTo(Arrays.copyOfRange(large, 512, large.length - 32));
    }

    @Test
    @DisplayName("MT-5: an archive is of one moment, whatever is written while it is read")
    void itIsOfOneMoment() {
        int hash = hash(live);
        StateSummary then;
        try (StateArchive archive = make()) {
            byte[] first = archive.read(100);
            log.apply(live, Log.put("later", "v"));
            live.flush();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(first);
            out.writeBytes(readAll(archive, 4096));
            write(out.toByteArray());
        }
        try (ArchiveFile saved = ArchiveFile.open(disk, FILE)) {
            then = saved.header().summary();
            assertThat(saved.verify()).hasSize(32);
            saved.unpack(Path.of("/data/unpacked"));
        }
        KvStateMachine unpacked = open(Path.of("/data/unpacked"));
        assertThat(hash(unpacked)).isEqualTo(hash);
        assertThat(then.revision()).isEqualTo(unpacked.revision()).isLessThan(live.revision());
        assertThat(then.applied()).isEqualTo(unpacked.applied());
        assertThat(then.liveKeys()).isEqualTo(39);
        assertThat(then.compactRevision()).isEqualTo(100);
    }

    @Test
    @DisplayName("a few are read at a time, and what was read gives its room back")
    void fewAreReadAtATime() {
        List<StateArchive> open = java.util.stream.IntStream.range(0, ArchiveStore.MOST)
                .mapToObj(i -> make())
                .toList();
        assertThat(archives.make(live)).isEmpty();
        open.get(2).close();
        open.get(2).close();
        try (StateArchive another = make()) {
            assertThat(archives.make(live)).isEmpty();
            assertThat(another.remainingBytes()).isPositive();
        }
        open.forEach(StateArchive::close);
        assertThat(disk.list(Path.of("/data/archives"))).isEmpty();
    }

    @Test
    @DisplayName("what was being read when the process ended is gone at the next start")
    void remainsAreDropped() {
        StateArchive left = make();
        assertThat(left.remainingBytes()).isPositive();
        new ArchiveStore(disk, Path.of("/data/archives"), 0xc1, 7).dropAll();
        assertThat(disk.exists(Path.of("/data/archives"))).isFalse();
    }

    @Test
    @DisplayName("D11, D12: a bit that has turned, anywhere, is found and told")
    void everyDamageIsFound() {
        byte[] sound = save();
        Random random = new Random(11);
        for (int i = 0; i < 400; i++) {
            int at = i < 120 ? i : random.nextInt(sound.length);
            byte[] damaged = sound.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            write(damaged);
            assertThatThrownBy(() -> {
                        try (ArchiveFile file = ArchiveFile.open(disk, FILE)) {
                            file.verify();
                        }
                    })
                    .as("byte %d", at)
                    .isInstanceOfAny(ArchiveDamagedException.class, NewerFormatException.class)
                    .hasMessageContaining("saved");
        }
    }

    @Test
    @DisplayName("D10: a file that was not downloaded to its end, and one with more behind its end, are refused")
    void otherLengthsAreRefused() {
        byte[] sound = save();
        for (int length : List.of(0, 10, 16, 60, sound.length / 2, sound.length - 32, sound.length - 1)) {
            write(Arrays.copyOf(sound, length));
            assertThatThrownBy(() -> {
                        try (ArchiveFile file = ArchiveFile.open(disk, FILE)) {
                            file.verify();
                        }
                    })
                    .as("%d bytes", length)
                    .isInstanceOf(ArchiveDamagedException.class);
        }
        write(Arrays.copyOf(sound, sound.length + 1));
        try (ArchiveFile file = ArchiveFile.open(disk, FILE)) {
            assertThatThrownBy(file::verify).isInstanceOf(ArchiveDamagedException.class);
        }
    }

    @Test
    @DisplayName("O4: an archive of a newer program is refused by name")
    void aNewerVersionIsRefused() {
        byte[] bytes = save();
        bytes[11] = 9;
        write(bytes);
        assertThatThrownBy(() -> ArchiveFile.open(disk, FILE)).isInstanceOf(NewerFormatException.class);
    }

    @Test
    @DisplayName("MT-5: a file of etcd is told to be none of ours")
    void aForeignFileIsRefused() {
        write(new byte[20 * 1024 + 32]);
        assertThatThrownBy(() -> ArchiveFile.open(disk, FILE))
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("is no snapshot of Axolotl");
    }

    @Test
    @DisplayName("a name that leads out of the folder is refused before anything is written")
    void namesStayInside() {
        for (String name : List.of("../x", "..", "/x", "a/b", "")) {
            byte[] header = new ArchiveHeader(
                            1,
                            2,
                            3,
                            new StateSummary(live.applied(), 1, -1, 0, 0),
                            List.of(new ArchiveHeader.PackedFile(name, 0)))
                    .encode();
            write(header);
            assertThatThrownBy(() -> ArchiveFile.open(disk, FILE)).as(name).isInstanceOf(ArchiveDamagedException.class);
        }
    }

    @Test
    @DisplayName("A16: an archive that names a file twice is refused before anything is written")
    void namesAreNamedOnce() {
        write(new ArchiveHeader(
                        1,
                        2,
                        3,
                        new StateSummary(live.applied(), 1, -1, 0, 0),
                        List.of(new ArchiveHeader.PackedFile("x", 0), new ArchiveHeader.PackedFile("x", 0)))
                .encode());
        assertThatThrownBy(() -> ArchiveFile.open(disk, FILE))
                .isInstanceOf(ArchiveDamagedException.class)
                .hasMessageContaining("twice");
    }

    // ---- a new cluster ----

    private static final Founding NEW = new Founding(
            Membership.ofVoters(List.of(new NodeId(101), new NodeId(102))),
            List.of(
                    new MemberAttributes(101, "", List.of("http://a:1"), List.of(), false),
                    new MemberAttributes(102, "", List.of("http://b:1"), List.of(), false)));

    private StateSummary refound(Path folder, long skipped, boolean isCompacted) {
        try (ArchiveFile saved = ArchiveFile.open(disk, FILE)) {
            saved.unpack(folder);
        }
        try (MemoryEngine engine = MemoryEngine.open(disk, folder)) {
            return KvStateMachine.refound(engine, NEW, skipped, isCompacted);
        }
    }

    @Test
    @DisplayName("a restored state has every key and all history, the new members, and no alarms of the old")
    void aNewClusterTakesOverTheData() {
        log.apply(live, new Command.AddMember(9, List.of("http://z:1"), false, false, 1));
        log.apply(live, new Command.RemoveMember(3));
        log.apply(live, new Command.RaiseAlarm(new Alarm(1, AlarmKind.NOSPACE)));
        live.mark(new Divergence(1, 2));
        save();
        StateSummary restored = refound(Path.of("/data/r"), 0, false);
        KvStateMachine state = open(Path.of("/data/r"));
        assertThat(restored.revision()).isEqualTo(state.revision()).isEqualTo(live.revision());
        assertThat(state.applied()).isEqualTo(live.applied()).isEqualTo(restored.applied());
        assertThat(hash(state)).isEqualTo(hash(live));
        assertThat(state.membership()).isEqualTo(NEW.membership());
        assertThat(state.members()).isEqualTo(NEW.members());
        assertThat(state.alarms().all()).isEmpty();
        assertThat(state.divergence()).isNull();
    }

    @Test
    @DisplayName(
            "I7: members restored from one archive with the same settings hold the same, to the last byte that counts")
    void restoredMembersAreEqual() {
        save();
        refound(Path.of("/data/r1"), 10, true);
        refound(Path.of("/data/r2"), 10, true);
        KvStateMachine one = open(Path.of("/data/r1"));
        KvStateMachine other = open(Path.of("/data/r2"));
        assertThat(one.digest()).isEqualTo(other.digest());
        assertThat(one.historyDigest()).isEqualTo(other.historyDigest());
    }

    @Test
    @DisplayName("with a bump the next change is newer than anything before, and what was before is compacted")
    void revisionsAreBumped() {
        save();
        long before = live.revision();
        int hash = hash(live);
        StateSummary restored = refound(Path.of("/data/r"), 1_000, true);
        assertThat(restored.revision()).isEqualTo(before + 1_000);
        assertThat(restored.compactRevision()).isEqualTo(before + 1_000);
        KvStateMachine state = open(Path.of("/data/r"));
        boolean isMoreLeft = true;
        while (isMoreLeft) {
            isMoreLeft = state.compactStep(7);
        }
        assertThat(state.liveKeys()).isEqualTo(39);
        Log after = new Log(state.applied().index());
        assertThat(after.apply(state, Log.put("new", "v")))
                .isEqualTo(new io.axolotl.storage.command.CommandResult.Put(before + 1_001, null));
        assertThat(hash(state)).isNotEqualTo(hash);
    }

    @Test
    @DisplayName("an engine that holds nothing is no state to restore")
    void nothingCannotBeRestored() {
        assertThatThrownBy(() -> KvStateMachine.refound(MemoryEngine.inMemory(), NEW, 0, false))
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("holds nothing");
    }
}
