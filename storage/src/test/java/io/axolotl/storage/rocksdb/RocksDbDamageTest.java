package io.axolotl.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

@DisplayName("A damaged database (D14, D16)")
class RocksDbDamageTest {
    private static final int KEYS = 400;
    private static final int PLACES = 16;

    @TempDir
    private Path temp;

    private RocksDbOptions options = RocksDbOptions.defaults(Path.of("native"));
    private Path good = Path.of("db");

    @BeforeEach
    void fill() throws IOException {
        options = new RocksDbOptions(1 << 20, 1 << 20, temp.resolve("native"));
        good = Files.createDirectory(temp.resolve("good"));
        try (KvEngine engine = RocksDbEngine.open(good, options);
                AtomicWrite write = engine.newWrite()) {
            for (int i = 0; i < KEYS; i++) {
                write.put(Space.IDX, bytes("key" + i), bytes("value" + i));
            }
            engine.write(write);
            engine.flush();
        }
    }

    private enum Verdict {
        WHOLE,
        EMPTY,
        DAMAGE
    }

    @Test
    @DisplayName(
            "any file gone, cut short, zeroed or with a flipped bit: whole, empty, or told as damage; never another value")
    void anyFileInAnyWay() throws IOException {
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Path file : files(good)) {
            byte[] content = Files.readAllBytes(file);
            judge(file, null, "without it", seen);
            judge(file, Arrays.copyOf(content, content.length / 2), "cut in half", seen);
            judge(file, new byte[content.length], "zeroed", seen);
            for (int place = 0; place < PLACES; place++) {
                byte[] flipped = content.clone();
                int at = (int) ((long) content.length * place / PLACES);
                if (at < flipped.length) {
                    flipped[at] ^= 0x10;
                    judge(file, flipped, "bit of byte " + at, seen);
                    judge(file, Arrays.copyOf(content, at), "cut after byte " + at, seen);
                }
            }
        }
        assertThat(seen).containsKeys("DAMAGE", "WHOLE");
        assertThat(seen.getOrDefault("DAMAGE", 0)).isGreaterThan(10);
    }

    private void judge(Path file, byte @Nullable [] content, String how, Map<String, Integer> seen) throws IOException {
        Path copy = temp.resolve("copy");
        delete(copy);
        Files.createDirectory(copy);
        for (Path each : files(good)) {
            Files.copy(each, copy.resolve(each.getFileName()));
        }
        Path damaged = copy.resolve(file.getFileName());
        Files.delete(damaged);
        if (content != null) {
            Files.write(damaged, content);
        }
        Verdict verdict = verdict(copy, file.getFileName() + " " + how);
        seen.merge(verdict.name(), 1, Integer::sum);
    }

    private Verdict verdict(Path folder, String what) {
        try (KvEngine engine = RocksDbEngine.open(folder, options)) {
            int found = 0;
            try (EngineCursor cursor = engine.scan(Space.IDX, new byte[0], null)) {
                while (cursor.next()) {
                    String key = new String(cursor.key(), StandardCharsets.UTF_8);
                    assertThat(new String(cursor.value(), StandardCharsets.UTF_8))
                            .as(what)
                            .isEqualTo(key.replace("key", "value"));
                    found++;
                }
            }
            if (found == 0) {
                return Verdict.EMPTY;
            }
            assertThat(found).as(what).isEqualTo(KEYS);
            return Verdict.WHOLE;
        } catch (EngineException e) {
            assertThat(e.isDamage()).as("%s: %s", what, e.getMessage()).isTrue();
            return Verdict.DAMAGE;
        }
    }

    @Test
    @DisplayName(
            "O3: a database with a column family of a newer release is not damaged, and says which release to start")
    void aNewerDatabaseIsNotDamaged() throws RocksDBException {
        List<ColumnFamilyDescriptor> families = Stream.of("default", "idx", "rev", "newer")
                .map(name -> new ColumnFamilyDescriptor(bytes(name)))
                .toList();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (DBOptions newer = new DBOptions().setCreateMissingColumnFamilies(true);
                RocksDB db = RocksDB.open(newer, good.toString(), families, handles)) {
            handles.forEach(ColumnFamilyHandle::close);
            assertThat(db.getLatestSequenceNumber()).isPositive();
        }
        assertThatThrownBy(() -> RocksDbEngine.open(good, options))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refusal -> assertThat(refusal.isDamage()).isFalse())
                .hasMessageContaining("newer")
                .hasMessageContaining("start the one that wrote it");
    }

    @Test
    @DisplayName("O8: reading all files again finds a flipped bit that no reader has met, by the file's name")
    void aScrubFindsWhatNoReaderHasMet() throws IOException {
        Path sst = files(good).stream()
                .filter(file -> file.toString().endsWith(".sst"))
                .findFirst()
                .orElseThrow();
        try (KvEngine engine = RocksDbEngine.open(good, options)) {
            long[] read = {0};
            engine.verifyFiles(bytes -> read[0] += bytes);
            assertThat(read[0]).isEqualTo(Files.size(sst));
            byte[] content = Files.readAllBytes(sst);
            content[content.length / 4] ^= 0x10;
            Files.write(sst, content);
            assertThatThrownBy(() -> engine.verifyFiles(bytes -> {}))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            damage -> assertThat(damage.isDamage()).isTrue())
                    .hasMessageContaining(String.valueOf(sst.getFileName()));
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("LOG"))
                    .filter(file -> !file.getFileName().toString().equals("LOCK"))
                    .sorted()
                    .toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
