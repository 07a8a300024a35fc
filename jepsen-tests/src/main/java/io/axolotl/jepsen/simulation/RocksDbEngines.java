package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Keeps the states in the real database: the slower tier. Each engine works in a folder of its own on the real disk; what it has
 * flushed goes to the simulated one ({@link PackedRocksDb}).
 *
 * <p>Its background threads make it differ in small things from run to run, so a seed is not quite the same world each time.
 *
 * <p>Confined to the simulation's thread.
 */
final class RocksDbEngines implements Engines {
    private static final long CACHE_BYTES = 1 << 20;
    private static final long MEMTABLE_BYTES = 1 << 18;

    private final Path root;
    private final RocksDbOptions options;
    private final Map<Integer, List<PackedRocksDb>> open = new TreeMap<>();
    private int opened;

    RocksDbEngines() {
        try {
            root = Files.createTempDirectory("axolotl-simulation");
        } catch (IOException e) {
            throw new UncheckedIOException("a folder for the databases cannot be made", e);
        }
        options = new RocksDbOptions(
                CACHE_BYTES,
                MEMTABLE_BYTES,
                Path.of(System.getProperty("java.io.tmpdir"), "axolotl-simulation-native"));
    }

    @Override
    public KvEngine open(SimulatedNode machine, Disk disk, Path folder) {
        Path real = root.resolve("db-" + opened++);
        PackedRocksDb engine = PackedRocksDb.open(disk, folder, real, options);
        open.computeIfAbsent(machine.place(), place -> new ArrayList<>()).add(engine);
        return engine;
    }

    @Override
    public void ended(SimulatedNode machine) {
        List<PackedRocksDb> left = open.remove(machine.place());
        if (left != null) {
            left.forEach(PackedRocksDb::abandon);
        }
    }

    @Override
    public void close() {
        open.values().forEach(left -> left.forEach(PackedRocksDb::abandon));
        open.clear();
        delete(root);
    }

    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be deleted", e);
        }
    }
}
