package io.axolotl.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SnapshotStoreTest {
    private static final Path DB = Path.of("/data/db");
    private static final Path SNAPSHOTS = Path.of("/data/snapshots");

    private final FaultyDisk disk = new FaultyDisk();
    private SnapshotStore store;

    @BeforeEach
    void openStore() {
        disk.createDirectories(DB);
        disk.createDirectories(SNAPSHOTS);
        store = new SnapshotStore(disk, SNAPSHOTS, 5);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static SnapshotManifest manifest(long index, Map<String, String> files) {
        List<FileEntry> entries = new ArrayList<>();
        new TreeMap<>(files)
                .forEach((name, content) ->
                        entries.add(new FileEntry(name, content.length(), SnapshotCrashTest.crcOf(bytes(content)))));
        return new SnapshotManifest(new SnapshotMetadata(new EntryId(1, index), Log.THREE), 5, entries);
    }

    private static void send(SnapshotReceiver receiver, String file, String content) {
        receiver.write(file, 0, bytes(content), SnapshotCrashTest.crcOf(bytes(content)));
    }

    private Snapshot received(long index, Map<String, String> files) {
        SnapshotReceiver receiver = store.receive(manifest(index, files));
        files.forEach((name, content) -> {
            if (receiver.received(name) < content.length()) {
                send(receiver, name, content);
            }
        });
        return receiver.finish();
    }

    private static Path fileOf(long index, String name) {
        return SNAPSHOTS
                .resolve(String.format("%016x-%016x", index, 1))
                .resolve("db")
                .resolve(name);
    }

    @Test
    void manifestHasTheseBytes() {
        SnapshotManifest manifest = new SnapshotManifest(
                new SnapshotMetadata(new EntryId(3, 300), Log.THREE),
                7,
                List.of(new FileEntry("a.sst", 200, 0x01020304)));
        byte[] encoded = manifest.encode();
        String membership = HexFormat.of().formatHex(Log.THREE.encode());
        String head = "4158534e" + "01" + "0000000000000007" + "0000000000000003" + "000000000000012c" + "1c"
                + membership + "01" + "05" + "612e737374" + "c801" + "01020304";
        assertThat(HexFormat.of().formatHex(encoded)).startsWith(head).hasSize(head.length() + 8);
        assertThat(SnapshotManifest.decode(encoded, Path.of("m"))).isEqualTo(manifest);
    }

    @Test
    @DisplayName("D26 a snapshot of many files needs one handle to be sent, and one to be received")
    void manyFilesNeedFewHandles() {
        Map<String, String> files = new TreeMap<>();
        for (int i = 0; i < 50; i++) {
            files.put("file" + i, "content " + i);
        }
        SnapshotReceiver receiver = store.receive(manifest(1, files));
        int before = disk.openFiles();
        files.forEach((name, content) -> {
            send(receiver, name, content);
            assertThat(disk.openFiles()).as(name).isEqualTo(before);
        });
        try (Snapshot snapshot = receiver.finish()) {
            files.forEach((name, content) -> {
                assertThat(snapshot.read(name, 0, 100)).isEqualTo(bytes(content));
                assertThat(disk.openFiles()).as(name).isEqualTo(before + 1);
            });
        }
        assertThat(disk.openFiles()).isEqualTo(before);
    }

    @Test
    @DisplayName(
            "D4: a write that fails leaves no snapshot, neither a received one nor one of its own, and none that was there less")
    void aFailedWriteLeavesNoSnapshot() {
        received(1, Map.of("a", "first")).close();
        SnapshotReceiver receiver = store.receive(manifest(2, Map.of("a", "second")));
        disk.failWrites(path -> path.startsWith(SNAPSHOTS));
        assertThatThrownBy(() -> send(receiver, "a", "second"))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("write");
        Log log = new Log();
        KvStateMachine machine = KvStateMachine.open(MemoryEngine.open(disk, DB), Log.THREE);
        log.apply(machine, Log.put("k", "v"));
        assertThatThrownBy(() -> store.create(machine))
                .isInstanceOf(DiskException.class)
                .isNotInstanceOf(DiskFullException.class);

        disk.kill();
        SnapshotStore restarted = new SnapshotStore(disk, SNAPSHOTS, 5);
        restarted.dropPartial();
        assertThat(restarted.all()).extracting(SnapshotManifest::last).containsExactly(new EntryId(1, 1));
        store = restarted;
        try (Snapshot again = received(2, Map.of("a", "second"))) {
            assertThat(again.read("a", 0, 100)).isEqualTo(bytes("second"));
        }
    }

    @Test
    @DisplayName("A16: names that no file system takes, and sizes that cannot be added up, are no files of a snapshot")
    void impossibleFilesAreNoneOfASnapshot() {
        assertThatThrownBy(() -> new SnapshotManifest.FileEntry("a".repeat(201), 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a plain name and a size are needed");
        SnapshotManifest.FileEntry huge = new SnapshotManifest.FileEntry("a", Long.MAX_VALUE, 0);
        SnapshotManifest.FileEntry more = new SnapshotManifest.FileEntry("b", 1, 0);
        SnapshotMetadata of = new SnapshotMetadata(new EntryId(1, 1), Membership.ofVoters(List.of(new NodeId(1))));
        assertThatThrownBy(() -> new SnapshotManifest(of, 1, List.of(huge, more)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more bytes than can be counted");
    }

    @Test
    void newestIsTheOneWithTheHighestIndex() {
        received(9, Map.of("a", "x")).close();
        received(30, Map.of("a", "x")).close();
        received(10, Map.of("a", "x")).close();
        assertThat(store.all()).extracting(found -> found.last().index()).containsExactly(30L, 10L, 9L);
        try (Snapshot newest = store.newest().orElseThrow()) {
            assertThat(newest.manifest().last().index()).isEqualTo(30);
        }
        assertThat(store.open(new EntryId(1, 11))).isEmpty();
    }

    @Test
    void snapshotThatIsReadIsNotDeleted() {
        Snapshot old = received(1, Map.of("a", "old"));
        try (Snapshot newer = received(2, Map.of("a", "new"))) {
            SnapshotCrashTest.install(new LiveStore(disk, DB), newer);
        }
        store.deleteOlderThanNewest(1);
        assertThat(old.read("a", 0, 10)).isEqualTo(bytes("old"));
        assertThat(store.all()).hasSize(2);
        old.close();
        store.deleteOlderThanNewest(1);
        assertThat(store.all()).extracting(found -> found.last().index()).containsExactly(2L);
        assertThatThrownBy(() -> old.read("a", 0, 10)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("pitfall 43 a snapshot that was received stays until it, or a newer one, is the live state")
    void receivedSnapshotStaysUntilItIsInstalled() {
        received(1, Map.of("a", "one")).close();
        received(2, Map.of("a", "two")).close();
        store.deleteOlderThanNewest(1);
        LiveStore live = new LiveStore(disk, DB);
        try (Snapshot waiting = store.open(new EntryId(1, 1)).orElseThrow()) {
            SnapshotCrashTest.install(live, waiting);
        }
        store.deleteOlderThanNewest(1);
        assertThat(store.all()).extracting(found -> found.last().index()).containsExactly(2L);
    }

    @Test
    @DisplayName("pitfall 44 a damaged snapshot that somebody reads is neither replaced nor taken for a whole one")
    void damagedSnapshotThatIsReadIsNotReplaced() {
        try (Snapshot held = received(1, Map.of("a", "hello"))) {
            disk.flipBit(fileOf(1, "a"), 0, 0);
            assertThatThrownBy(() -> received(1, Map.of("a", "hello")))
                    .isInstanceOf(SnapshotDamagedException.class)
                    .hasMessageContaining("still being read");
            assertThat(held.read("a", 1, 4)).isEqualTo(bytes("ello"));
        }
        received(1, Map.of("a", "hello")).close();
        try (Snapshot whole = store.newest().orElseThrow()) {
            whole.verify();
        }
    }

    @Test
    @DisplayName("pitfall 58 a snapshot that finds no room leaves nothing behind and can be taken once there is some")
    void fullDiskLeavesNothingOfASnapshot() {
        KvStateMachine state =
                KvStateMachine.open(MemoryEngine.open(disk, new LiveStore(disk, DB).current()), Log.THREE);
        state.flush();
        disk.before((operation, path) -> {
            // The engine finds room for its own files; the manifest behind them does not.
            disk.limitBytes(path.endsWith("manifest") ? 0 : Long.MAX_VALUE);
        });
        assertThatThrownBy(() -> store.create(state)).isInstanceOf(DiskFullException.class);
        assertThat(disk.list(SNAPSHOTS)).isEmpty();
        disk.before((operation, path) -> {});
        disk.limitBytes(Long.MAX_VALUE);
        try (Snapshot taken = store.create(state)) {
            taken.verify();
        }
    }

    @Test
    void readsAreBoundedByTheFile() {
        try (Snapshot snapshot = received(1, Map.of("a", "0123456789"))) {
            assertThat(snapshot.read("a", 3, 4)).isEqualTo(bytes("3456"));
            assertThat(snapshot.read("a", 8, 4)).isEqualTo(bytes("89"));
            assertThat(snapshot.read("a", 10, 4)).isEmpty();
            assertThatThrownBy(() -> snapshot.read("a", 11, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> snapshot.read("b", 0, 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    @DisplayName("pitfall 44 the same offer again goes on where it was; another one begins anew")
    void transferResumes() {
        SnapshotManifest offer = manifest(4, Map.of("a", "hello", "b", "world"));
        SnapshotReceiver first = store.receive(offer);
        first.write("a", 0, bytes("hel"), SnapshotCrashTest.crcOf(bytes("hel")));
        SnapshotReceiver again = store.receive(offer);
        assertThat(again.received("a")).isEqualTo(3);
        again.write("a", 1, bytes("el"), SnapshotCrashTest.crcOf(bytes("el")));
        assertThat(again.received("a")).as("a repeat is ignored").isEqualTo(3);
        again.write("a", 3, bytes("lo"), SnapshotCrashTest.crcOf(bytes("lo")));
        assertThatThrownBy(again::finish)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("b has 0 of 5");
        send(again, "b", "world");
        try (Snapshot whole = again.finish()) {
            assertThat(whole.read("a", 0, 9)).isEqualTo(bytes("hello"));
        }
        SnapshotReceiver other = store.receive(manifest(5, Map.of("a", "hello")));
        assertThat(other.received("a")).isZero();
        assertThatThrownBy(() -> send(again, "a", "hello")).isInstanceOf(IllegalStateException.class);
        other.abandon();
    }

    @Test
    @DisplayName(
            "pitfall 44 another snapshot takes over what has arrived of the files that it shares with the unfinished one")
    void anotherSnapshotTakesOverWhatHasArrived() {
        SnapshotReceiver first = store.receive(
                manifest(4, Map.of("1.sst", "whole", "2.sst", "half of it", "3.sst", "old", "c", "same")));
        send(first, "1.sst", "whole");
        first.write("2.sst", 0, bytes("half"), SnapshotCrashTest.crcOf(bytes("half")));
        send(first, "3.sst", "old");
        send(first, "c", "same");
        SnapshotReceiver second = store.receive(
                manifest(5, Map.of("1.sst", "whole", "2.sst", "half of it", "3.sst", "new", "c", "same")));
        assertThat(second.received("1.sst")).isEqualTo(5);
        assertThat(second.received("2.sst")).isEqualTo(4);
        assertThat(second.received("3.sst")).isZero();
        assertThat(second.received("c")).isEqualTo(4);
        assertThat(disk.list(SNAPSHOTS)).as("the first is gone").hasSize(1);
        second.write("2.sst", 4, bytes(" of it"), SnapshotCrashTest.crcOf(bytes(" of it")));
        send(second, "3.sst", "new");
        second.finish().close();
        try (Snapshot whole = store.newest().orElseThrow()) {
            whole.verify();
            assertThat(whole.manifest().last().index()).isEqualTo(5);
        }
        assertThatThrownBy(() -> send(first, "3.sst", "old")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("pitfall 44 another manifest of the same entry, as from another leader, begins anew")
    void anotherManifestOfTheSameEntryBeginsAnew() {
        send(store.receive(manifest(4, Map.of("1.sst", "one"))), "1.sst", "one");
        SnapshotReceiver second = store.receive(manifest(4, Map.of("1.sst", "one", "2.sst", "two")));
        assertThat(second.receivedBytes()).isZero();
        send(second, "1.sst", "one");
        send(second, "2.sst", "two");
        try (Snapshot whole = second.finish()) {
            whole.verify();
        }
    }

    @Test
    @DisplayName(
            "D13 a condemned snapshot is given to nobody and linked from by nobody, and goes once a newer one is whole")
    void condemnedSnapshotIsGivenToNobody() {
        received(1, Map.of("1.sst", "good")).close();
        received(2, Map.of("1.sst", "good", "2.sst", "rot")).close();
        LiveStore live = new LiveStore(disk, DB);
        try (Snapshot newest = store.newest().orElseThrow()) {
            SnapshotCrashTest.install(live, newest);
        }
        store.condemn(new EntryId(1, 2));
        assertThat(store.open(new EntryId(1, 2))).isEmpty();
        assertThat(store.all()).extracting(found -> found.last().index()).containsExactly(1L);
        store.deleteOlderThanNewest(1);
        assertThat(store.all()).as("the last one that is good").hasSize(1);
        SnapshotReceiver receiver = store.receive(manifest(3, Map.of("1.sst", "good", "2.sst", "rot")));
        assertThat(receiver.received("1.sst")).isEqualTo(4);
        assertThat(receiver.received("2.sst")).isZero();
        send(receiver, "2.sst", "rot");
        receiver.finish().close();
        store.deleteOlderThanNewest(1);
        assertThat(disk.list(SNAPSHOTS)).hasSize(1);
    }

    @Test
    @DisplayName("D13 a condemned snapshot can be replaced by one of the same entry, which counts again")
    void condemnedSnapshotIsReplaced() {
        received(2, Map.of("a", "hello")).close();
        store.condemn(new EntryId(1, 2));
        received(2, Map.of("a", "hello")).close();
        try (Snapshot whole = store.newest().orElseThrow()) {
            whole.verify();
        }
    }

    @Test
    @DisplayName(
            "pitfall 43 a snapshot that has just been received is installed without being read again; one that lay here is not")
    void onlyWhatHasJustBeenReceivedIsInstalledUnread() {
        received(1, Map.of("a", "hello")).close();
        LiveStore live = new LiveStore(disk, DB);
        Path damaged = fileOf(1, "a");
        List<Path> read = new ArrayList<>();
        disk.before((operation, path) -> {
            if (operation == FaultyDisk.Operation.OPEN) {
                read.add(path);
            }
        });
        try (Snapshot snapshot = store.openToInstall(new EntryId(1, 1)).orElseThrow()) {
            SnapshotCrashTest.install(live, snapshot);
        }
        assertThat(read).as("once, to be copied").filteredOn(damaged::equals).hasSize(1);
        disk.before((operation, path) -> {});
        disk.flipBit(damaged, 0, 0);
        try (Snapshot snapshot = store.openToInstall(new EntryId(1, 1)).orElseThrow()) {
            assertThatThrownBy(() -> SnapshotCrashTest.install(live, snapshot))
                    .isInstanceOf(SnapshotDamagedException.class);
        }
    }

    @Test
    @DisplayName("pitfall 45 a file that begins anew keeps nothing of its first try")
    void fileBeginsAnew() {
        SnapshotReceiver receiver = store.receive(manifest(4, Map.of("a", "hello")));
        receiver.write("a", 0, bytes("XXXX"), SnapshotCrashTest.crcOf(bytes("XXXX")));
        send(receiver, "a", "hello");
        try (Snapshot whole = receiver.finish()) {
            whole.verify();
            assertThat(whole.read("a", 0, 9)).isEqualTo(bytes("hello"));
        }
    }

    @Test
    void damagedOrMisplacedChunksAreRefused() {
        SnapshotReceiver receiver = store.receive(manifest(4, Map.of("a", "hello")));
        assertThatThrownBy(() -> receiver.write("a", 0, bytes("hel"), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("damaged on the way");
        int crc = SnapshotCrashTest.crcOf(bytes("l"));
        assertThatThrownBy(() -> receiver.write("a", 2, bytes("l"), crc)).hasMessageContaining("gap");
        assertThatThrownBy(() -> receiver.write("a", 5, bytes("l"), crc)).hasMessageContaining("outside");
        assertThatThrownBy(() -> receiver.write("z", 0, bytes("l"), crc)).hasMessageContaining("no file z");
        assertThat(receiver.receivedBytes()).isZero();
    }

    @Test
    @DisplayName("D13, pitfall 45 a file whose content is wrong is refused as soon as it is whole, and sent again")
    void wrongContentIsRefusedAtTheEndOfTheFileAndSentAgain() {
        SnapshotReceiver receiver = store.receive(manifest(4, Map.of("a", "hello", "b", "world")));
        send(receiver, "a", "hello");
        assertThatThrownBy(() -> send(receiver, "b", "WORLD"))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("/b ");
        assertThat(receiver.received("b")).isZero();
        send(receiver, "b", "world");
        try (Snapshot whole = receiver.finish()) {
            assertThat(whole.read("b", 0, 9)).isEqualTo(bytes("world"));
        }
    }

    @Test
    void filesThatAreHeldAlreadyAreNotSentAgain() {
        received(1, Map.of("1.sst", "same", "2.sst", "old", "CURRENT", "same")).close();
        SnapshotReceiver receiver =
                store.receive(manifest(2, Map.of("1.sst", "same", "2.sst", "new", "CURRENT", "same")));
        assertThat(receiver.received("1.sst")).isEqualTo(4);
        assertThat(receiver.received("2.sst")).isZero();
        assertThat(receiver.received("CURRENT"))
                .as("only what never changes is shared")
                .isZero();
        send(receiver, "2.sst", "new");
        send(receiver, "CURRENT", "same");
        try (Snapshot whole = receiver.finish()) {
            assertThat(whole.read("1.sst", 0, 9)).isEqualTo(bytes("same"));
        }
    }

    @Test
    @DisplayName("D13 a held file that has gone bad is found at the end and sent again")
    void damagedHeldFileIsNotReused() {
        received(1, Map.of("1.sst", "same")).close();
        disk.flipBit(fileOf(1, "1.sst"), 0, 0);
        SnapshotReceiver receiver = store.receive(manifest(2, Map.of("1.sst", "same")));
        assertThat(receiver.received("1.sst")).isEqualTo(4);
        assertThatThrownBy(receiver::finish)
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("1.sst");
        assertThat(receiver.received("1.sst")).isZero();
        send(receiver, "1.sst", "same");
        try (Snapshot whole = receiver.finish()) {
            whole.verify();
        }
    }

    @Test
    @DisplayName("D13 a damaged or short file is named and never installed")
    void damagedFileIsRefusedByName() {
        received(1, Map.of("a", "hello", "b", "world")).close();
        LiveStore live = new LiveStore(disk, DB);
        Path before = live.current();
        disk.flipBit(fileOf(1, "b"), 2, 3);
        try (Snapshot damaged = store.newest().orElseThrow()) {
            assertThatThrownBy(() -> SnapshotCrashTest.install(live, damaged))
                    .isInstanceOf(SnapshotDamagedException.class)
                    .hasMessageContaining(fileOf(1, "b").toString())
                    .hasMessageContaining("checksum");
        }
        assertThat(live.current()).isEqualTo(before);
        disk.delete(fileOf(1, "a"));
        try (Snapshot damaged = store.newest().orElseThrow()) {
            assertThatThrownBy(damaged::verify).hasMessageContaining("missing");
        }
    }

    @Test
    @DisplayName("D13 a damaged manifest is passed over, and the snapshot before it is used")
    void damagedManifestIsPassedOver() {
        received(1, Map.of("a", "old")).close();
        received(2, Map.of("a", "new")).close();
        Path manifest = fileOf(2, "a").resolveSibling("..").normalize().resolve("manifest");
        for (int at = 0; at < disk.content(manifest).length; at += 13) {
            byte[] before = disk.content(manifest);
            disk.flipBit(manifest, at, at % 8);
            boolean isVersion = at == 4;
            if (!isVersion) {
                assertThat(store.all())
                        .as("byte %d", at)
                        .extracting(found -> found.last().index())
                        .containsExactly(1L);
            }
            disk.overwrite(manifest, 0, before);
        }
        assertThat(store.all()).hasSize(2);
    }

    @Test
    @DisplayName("pitfall 44 a snapshot whose files have gone bad is replaced when it is received again")
    void damagedSnapshotIsReplaced() {
        received(1, Map.of("a", "hello")).close();
        disk.flipBit(fileOf(1, "a"), 0, 0);
        received(1, Map.of("a", "hello")).close();
        try (Snapshot whole = store.newest().orElseThrow()) {
            whole.verify();
        }
    }

    @Test
    void newerManifestIsRefusedAsNewer() {
        byte[] encoded = manifest(1, Map.of("a", "x")).encode();
        encoded[4] = 2;
        assertThatThrownBy(() -> SnapshotManifest.decode(encoded, Path.of("m")))
                .isInstanceOf(NewerFormatException.class);
    }

    @Property(tries = 1000)
    void randomManifestsRaiseNothingButTheNamedExceptions(@ForAll byte[] noise, @ForAll int where, @ForAll byte what) {
        byte[] nearly = manifest(1, Map.of("a", "x", "b", "y")).encode();
        nearly[Math.floorMod(where, nearly.length)] = what;
        for (byte[] bytes : List.of(noise, nearly, Arrays.copyOf(nearly, Math.floorMod(where, nearly.length)))) {
            try {
                SnapshotManifest.decode(bytes, Path.of("noise"));
            } catch (SnapshotDamagedException | NewerFormatException expected) {
                assertThat(expected).hasMessageContaining("noise");
            }
        }
    }

    @Test
    void snapshotOfAnotherClusterIsRefused() {
        SnapshotManifest foreign =
                new SnapshotManifest(new SnapshotMetadata(new EntryId(1, 1), Log.THREE), 6, List.of());
        assertThatThrownBy(() -> store.receive(foreign))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cluster 6");
    }

    @Test
    void namesThatLeaveTheFolderAreRefused() {
        for (String name : List.of("", "..", "../x", "a/b", "a\\b", ".x", "a b", "\u00e4")) {
            assertThatThrownBy(() -> new FileEntry(name, 1, 1)).as(name).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void freshMemberGetsAnEmptyLiveFolder() {
        LiveStore live = new LiveStore(disk, DB);
        assertThat(live.current()).isEqualTo(DB.resolve("1"));
        assertThat(new LiveStore(disk, DB).current()).isEqualTo(DB.resolve("1"));
    }

    @Test
    @DisplayName("D13 a lost or damaged pointer is refused, never guessed")
    void damagedPointerIsRefused() {
        LiveStore live = new LiveStore(disk, DB);
        try (Snapshot snapshot = received(1, Map.of("a", "x"))) {
            assertThat(SnapshotCrashTest.install(live, snapshot)).isEqualTo(DB.resolve("2"));
        }
        Path pointer = DB.resolve("CURRENT");
        byte[] good = disk.content(pointer);
        for (int at = 0; at < good.length; at++) {
            disk.flipBit(pointer, at, 1);
            int damagedAt = at;
            assertThatThrownBy(live::current)
                    .as("byte %d", damagedAt)
                    .isInstanceOfAny(SnapshotDamagedException.class, NewerFormatException.class)
                    .hasMessageContaining("CURRENT");
            disk.overwrite(pointer, 0, good);
        }
        disk.delete(pointer);
        assertThatThrownBy(live::current)
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("holds something");
    }

    @Test
    void othersAreDeletedAfterAnInstall() {
        LiveStore live = new LiveStore(disk, DB);
        live.current();
        try (Snapshot snapshot = received(1, Map.of("a.sst", "x", "b", "y"))) {
            Path installed = SnapshotCrashTest.install(live, snapshot);
            live.deleteOthers();
            assertThat(disk.list(DB)).containsExactly(DB.resolve("2"), DB.resolve("CURRENT"));
            assertThat(disk.content(installed.resolve("b"))).isEqualTo(bytes("y"));
            disk.overwrite(installed.resolve("b"), 0, bytes("Z"));
            snapshot.verify();
            assertThat(disk.content(fileOf(1, "b")))
                    .as("what may change is a copy")
                    .isEqualTo(bytes("y"));
        }
    }
}
