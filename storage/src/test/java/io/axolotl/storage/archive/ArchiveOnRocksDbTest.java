package io.axolotl.storage.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive of a real database, whose files it links. */
class ArchiveOnRocksDbTest {
    private static final RocksDbOptions OPTIONS = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));

    @TempDir
    Path home;

    private final Disk disk = new RealDisk(new DiskMonitor());

    private static Path tableIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    @DisplayName(
            "D14, MT-5: a file of the database that has rotted is told, and no checksum of an archive vouches for it")
    void rotIsNotGivenAChecksum() throws IOException {
        Path live = home.resolve("live");
        Path folder = home.resolve("archives");
        ArchiveStore archives = new ArchiveStore(disk, folder, 1, 2);
        disk.createDirectories(live);
        try (KvStateMachine state = KvStateMachine.open(RocksDbEngine.open(live, OPTIONS), Log.THREE)) {
            Log log = new Log();
            for (int i = 0; i < 100; i++) {
                log.apply(state, Log.put("k" + i, "value " + i));
            }
            try (StateArchive sound = archives.make(state).orElseThrow()) {
                assertThat(sound.sizeBytes()).isPositive();
            }
            Path table = tableIn(live);
            byte[] content = Files.readAllBytes(table);
            content[content.length / 4] ^= 1;
            Files.write(table, content);
            for (int attempt = 0; attempt <= ArchiveStore.MOST; attempt++) {
                assertThatThrownBy(() -> archives.make(state))
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                damage -> assertThat(damage.isDamage()).isTrue())
                        .hasMessageContaining(String.valueOf(table.getFileName()))
                        .hasMessageContaining("does not verify");
                assertThat(disk.list(folder)).isEmpty();
            }
        }
    }
}
