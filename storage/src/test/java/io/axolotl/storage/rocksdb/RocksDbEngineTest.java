package io.axolotl.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.KvEngineContract;
import io.axolotl.storage.engine.Space;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocksDbEngineTest extends KvEngineContract {
    static final RocksDbOptions SMALL = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));

    @TempDir
    Path folder;

    @Override
    protected KvEngine open() {
        return RocksDbEngine.open(folder, SMALL);
    }

    /** Without a log, closing without a flush leaves what a kill leaves. */
    @Override
    protected KvEngine crash(KvEngine running) {
        running.close();
        return open();
    }

    @Test
    @DisplayName("P17 a second engine on one folder is refused by name")
    void secondEngineIsRefused() {
        assertThatThrownBy(() -> RocksDbEngine.open(folder, SMALL))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("another process");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "P16 closing cuts giving room back short; whoever asked for it hears that the engine is closed, not that a disk or the program failed (chaos, seed 2012)")
    void closingEndsReclaiming(boolean isWhole, @TempDir Path other) throws Exception {
        KvEngine engine = RocksDbEngine.open(other, SMALL);
        CountDownLatch isUnderWay = new CountDownLatch(3);
        try (AtomicWrite write = engine.newWrite()) {
            for (int i = 0; i < 1_000; i++) {
                write.put(Space.REV, ("key" + i).getBytes(StandardCharsets.UTF_8), new byte[1_000]);
            }
            engine.write(write);
        }
        CompletableFuture<Void> reclaiming = CompletableFuture.runAsync(() -> {
            while (true) {
                if (isWhole) {
                    engine.defragment();
                } else {
                    engine.reclaim();
                }
                isUnderWay.countDown();
            }
        });
        while (isUnderWay.getCount() > 0 && !reclaiming.isDone()) {
            Thread.onSpinWait();
        }
        engine.close();
        assertThatThrownBy(reclaiming::get).hasCauseInstanceOf(ClosedException.class);
    }

    private static void overwrite(KvEngine engine, Random random) {
        try (AtomicWrite write = engine.newWrite()) {
            for (int i = 0; i < 300; i++) {
                byte[] value = new byte[1_000];
                random.nextBytes(value);
                write.put(Space.IDX, ("key" + i).getBytes(StandardCharsets.UTF_8), value);
            }
            engine.write(write);
        }
        engine.flush();
    }

    @Test
    @DisplayName(
            "D1 files that a compaction has replaced, and that a reader still holds, do not count towards the quota")
    void replacedFilesDoNotCount(@TempDir Path other) {
        try (KvEngine engine = RocksDbEngine.open(other, SMALL)) {
            Random random = new Random(1);
            overwrite(engine, random);
            overwrite(engine, random);
            long before = engine.sizeBytes();
            assertThat(before).isGreaterThan(600_000);
            try (EngineCursor reader = engine.scan(Space.IDX, new byte[0], null)) {
                assertThat(reader.next()).isTrue();
                engine.defragment();
                assertThat(engine.sizeBytes()).isBetween(300_000L, 450_000L);
            }
        }
    }

    @Test
    void damagedFileIsRefusedByName(@TempDir Path other) throws IOException {
        KvEngine engine = RocksDbEngine.open(other, SMALL);
        try (AtomicWrite write = engine.newWrite()) {
            for (int i = 0; i < 5000; i++) {
                write.put(
                        Space.IDX,
                        ("key" + i).getBytes(StandardCharsets.UTF_8),
                        ("value" + i).getBytes(StandardCharsets.UTF_8));
            }
            engine.write(write);
        }
        engine.flush();
        engine.close();
        try (Stream<Path> files = Files.list(other)) {
            for (Path sst :
                    files.filter(file -> file.toString().endsWith(".sst")).toList()) {
                byte[] bytes = Files.readAllBytes(sst);
                for (int at = 100; at < bytes.length / 2; at += 50) {
                    bytes[at] ^= 0x40;
                }
                Files.write(sst, bytes);
            }
        }
        assertThatThrownBy(() -> {
                    try (KvEngine damaged = RocksDbEngine.open(other, SMALL);
                            var cursor = damaged.scan(Space.IDX, new byte[0], null)) {
                        while (cursor.next()) {
                            cursor.value();
                        }
                    }
                })
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(other.toString());
    }

    @Test
    void libraryIsUnpackedOnceAndStays(@TempDir Path home) throws IOException {
        Path first = NativeLibrary.unpack(home);
        List<Path> files;
        try (Stream<Path> found = Files.list(first)) {
            files = found.toList();
        }
        assertThat(files).hasSize(1);
        Object written = Files.getLastModifiedTime(files.get(0));
        assertThat(NativeLibrary.unpack(home)).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(files.get(0))).isEqualTo(written);
    }

    @Test
    void checkpointIsWholeAndIndependent(@TempDir Path parent) {
        KvEngine engine = RocksDbEngine.open(parent.resolve("db"), SMALL);
        try (AtomicWrite write = engine.newWrite()) {
            write.put(Space.META, new byte[] {1}, new byte[] {1});
            engine.write(write);
            engine.checkpoint(parent.resolve("copy"));
            write.put(Space.META, new byte[] {1}, new byte[] {2});
            engine.write(write);
        }
        try (KvEngine copy = RocksDbEngine.open(parent.resolve("copy"), SMALL)) {
            assertThat(copy.get(Space.META, new byte[] {1})).isEqualTo(new byte[] {1});
        }
        engine.close();
    }
}
