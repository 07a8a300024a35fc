package io.axolotl.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.statemachine.Log;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A member installs a snapshot, receives half of a second one, then a third that takes over what the second had and links
 * what the first has, and installs that: with the power cut before every single change of the disk (D27, pitfalls 44, 45).
 */
class SnapshotReuseCrashTest {
    private static final Path DB = Path.of("/data/db");
    private static final Path SNAPSHOTS = Path.of("/data/snapshots");
    private static final Map<String, String> FIRST =
            Map.of("1.sst", "in all three", "2.sst", "only once", "CURRENT", "one");
    private static final Map<String, String> SECOND = Map.of(
            "1.sst", "in all three", "3.sst", "in the last two", "4.sst", "begun in the second", "CURRENT", "two");
    private static final Map<String, String> THIRD = Map.of(
            "1.sst",
            "in all three",
            "3.sst",
            "in the last two",
            "4.sst",
            "begun in the second",
            "5.sst",
            "new",
            "CURRENT",
            "3");

    private long installed;

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

    private static void send(SnapshotReceiver receiver, String name, String content, int untilOffset) {
        long from = receiver.received(name);
        if (from < untilOffset) {
            byte[] chunk = bytes(content.substring((int) from, untilOffset));
            receiver.write(name, from, chunk, SnapshotCrashTest.crcOf(chunk));
        }
    }

    private static void receiveAndInstall(SnapshotStore store, LiveStore live, long index, Map<String, String> files) {
        SnapshotReceiver receiver = store.receive(manifest(index, files));
        new TreeMap<>(files).forEach((name, content) -> send(receiver, name, content, content.length()));
        receiver.finish().close();
        try (Snapshot snapshot = store.openToInstall(new EntryId(1, index)).orElseThrow()) {
            SnapshotCrashTest.install(live, snapshot);
        }
    }

    private void script(FaultyDisk disk) {
        SnapshotStore store = new SnapshotStore(disk, SNAPSHOTS, 5);
        LiveStore live = new LiveStore(disk, DB);
        receiveAndInstall(store, live, 1, FIRST);
        installed = 1;
        SnapshotReceiver second = store.receive(manifest(2, SECOND));
        send(second, "3.sst", "in the last two", 15);
        send(second, "4.sst", "begun in the second", 5);
        receiveAndInstall(store, live, 3, THIRD);
        installed = 3;
        live.deleteOthers();
        store.deleteOlderThanNewest(1);
    }

    @Test
    @DisplayName(
            "D27, pitfall 45 a power cut while files are linked and taken over leaves whole snapshots and a whole state")
    void powerCutAnywhereLeavesWholeFiles() {
        boolean isOver = false;
        int step = 0;
        for (; !isOver; step++) {
            for (FaultyDisk.Outcome outcome : FaultyDisk.Outcome.values()) {
                FaultyDisk disk = new FaultyDisk();
                disk.createDirectories(DB);
                disk.createDirectories(SNAPSHOTS);
                installed = 0;
                disk.crashAfter(step);
                isOver = false;
                try {
                    script(disk);
                    isOver = true;
                } catch (SimulatedCrash e) {
                    assertThat(e).hasMessageContaining("simulated");
                }
                disk.crash(outcome, new Random(step));
                judge(disk, "crash at change " + step + ", " + outcome);
            }
        }
        assertThat(step).as("changes of the disk in the script").isGreaterThan(40);
    }

    private void judge(FaultyDisk disk, String when) {
        SnapshotStore store = new SnapshotStore(disk, SNAPSHOTS, 5);
        store.dropPartial();
        for (SnapshotManifest whole : store.all()) {
            try (Snapshot snapshot = store.open(whole.last()).orElseThrow()) {
                snapshot.verify();
            }
        }
        LiveStore live = new LiveStore(disk, DB);
        Map<String, String> found = new TreeMap<>();
        for (Path file : disk.list(live.current())) {
            found.put(String.valueOf(file.getFileName()), new String(disk.content(file), StandardCharsets.UTF_8));
        }
        List<Map<String, String>> allowed = new ArrayList<>();
        if (installed <= 0) {
            allowed.add(Map.of());
        }
        if (installed <= 1) {
            allowed.add(FIRST);
        }
        allowed.add(THIRD);
        assertThat(allowed).as(when).contains(found);
        // And it goes on.
        receiveAndInstall(store, live, 3, THIRD);
        live.deleteOthers();
        try (Snapshot newest = store.newest().orElseThrow()) {
            newest.verify();
        }
    }
}
