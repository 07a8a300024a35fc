package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.archive.ArchiveStore;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code axolotl snapshot restore} says of an archive that is no whole database. */
class SnapshotRestoreMainTest {
    @TempDir
    Path home;

    private byte[] save() throws IOException {
        Disk disk = new RealDisk(new DiskMonitor());
        Path live = home.resolve("live");
        disk.createDirectories(live);
        RocksDbOptions options = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));
        try (KvStateMachine state = KvStateMachine.open(RocksDbEngine.open(live, options), Log.THREE)) {
            new Log().apply(state, Log.put("k", "v"));
            try (StateArchive archive = new ArchiveStore(disk, home.resolve("archives"), 1, 2)
                    .make(state)
                    .orElseThrow()) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                while (archive.remainingBytes() > 0) {
                    out.write(archive.read(1 << 20));
                }
                out.write(archive.checksum());
                return out.toByteArray();
            }
        }
    }

    @Test
    @DisplayName(
            "damage that is met because the checksum was not looked at is told in a sentence, not as a stack trace")
    void damageIsToldToPeople() throws IOException {
        byte[] bytes = save();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        // What the file CURRENT holds.
        Matcher current = Pattern.compile("MANIFEST-\\d+\n").matcher(text);
        assertThat(current.find()).isTrue();
        bytes[current.start()] ^= 1;
        Path file = home.resolve("saved");
        Files.write(file, bytes);
        Path data = home.resolve("data");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] arguments = {
            "restore",
            file.toString(),
            "--skip-hash-check",
            "--name=n1",
            "--data-dir=" + data,
            "--initial-cluster=n1=http://a:1",
            "--initial-advertise-peer-urls=http://a:1"
        };
        int exitCode = SnapshotMain.run(
                arguments,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("Error: ").doesNotContain("\tat ");
        assertThat(exitCode).isEqualTo(1);
        assertThat(data).doesNotExist();
    }
}
