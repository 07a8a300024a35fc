package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.config.ServerConfigReader.Request;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code axolotl snapshot restore} says, of an archive that is no whole database and of one that it must not be mixed with. */
class SnapshotRestoreMainTest {
    private static final List<String> FLAGS =
            List.of("--name=n1", "--initial-cluster=n1=http://a:1", "--initial-advertise-peer-urls=http://a:1");

    @TempDir
    Path home;

    private byte[] save(long clusterId) throws IOException {
        Disk disk = new RealDisk(new DiskMonitor());
        Path live = home.resolve("live");
        disk.createDirectories(live);
        RocksDbOptions options = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));
        try (KvStateMachine state = KvStateMachine.open(RocksDbEngine.open(live, options), Log.THREE)) {
            new Log().apply(state, Log.put("k", "v"));
            try (StateArchive archive = new ArchiveStore(disk, home.resolve("archives"), clusterId, 2)
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
        byte[] bytes = save(1);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        // What the file CURRENT holds.
        Matcher current = Pattern.compile("MANIFEST-\\d+\n").matcher(text);
        assertThat(current.find()).isTrue();
        bytes[current.start()] ^= 1;
        Path file = home.resolve("saved");
        Files.write(file, bytes);
        Path data = home.resolve("data");
        Result result = restore(file, data, "token", "--skip-hash-check");
        assertThat(result.err).startsWith("Error: ").doesNotContain("\tat ");
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(data).doesNotExist();
    }

    private record Result(int exitCode, String err) {}

    private static Result restore(Path file, Path data, String token, String... more) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("restore", file.toString()));
        arguments.addAll(FLAGS);
        arguments.addAll(List.of("--data-dir=" + data, "--initial-cluster-token=" + token));
        arguments.addAll(List.of(more));
        int exitCode = SnapshotMain.run(
                arguments.toArray(String[]::new),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(exitCode, err.toString(StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName(
            "M17: who restores to the id of the old cluster, by its token and URLs, is warned; with a new token, not")
    void theIdOfTheOldClusterIsWarnedOf() throws IOException {
        Path file = home.resolve("saved");
        List<String> flags = new ArrayList<>(FLAGS);
        flags.add("--initial-cluster-token=old");
        Files.write(
                file,
                save(((Request.Start) new ServerConfigReader("").read(flags, Map.of()))
                        .config()
                        .initialCluster()
                        .clusterId()));
        Result same = restore(file, home.resolve("same"), "old");
        assertThat(same.exitCode).isZero();
        assertThat(same.err)
                .startsWith("WARNING: ")
                .contains("--initial-cluster-token")
                .contains("taken for a member of this one");
        Result other = restore(file, home.resolve("other"), "new");
        assertThat(other.exitCode).isZero();
        assertThat(other.err).isEmpty();
    }
}
