package io.axolotl.jepsen.simulation;

import io.axolotl.jepsen.front.EngineInFront;
import io.axolotl.jepsen.front.ViewInFront;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The real RocksDB on a simulated disk. It works on files of the real disk, of which a simulated power cut knows nothing; each flush
 * takes all of them as they are then (RocksDB's own checkpoint), packs them into one file and puts that on the simulated disk in
 * one durable step, so that exactly what was flushed survives, as with RocksDB on a real disk without its log. A start unpacks it.
 *
 * <p>One file, so that how many disk operations a flush takes does not depend on RocksDB's background threads.
 *
 * <p>Confined to the simulation's thread.
 */
final class PackedRocksDb extends EngineInFront {
    private static final String PACK = "pack";

    private final Disk disk;
    private final Path folder;
    private final Path real;
    private final Set<TrackedView> views = new LinkedHashSet<>();
    private boolean isClosed;

    private PackedRocksDb(Disk disk, Path folder, Path real, RocksDbEngine engine) {
        super(engine);
        this.disk = disk;
        this.folder = folder;
        this.real = real;
    }

    /** @param real where it works; it is made, and deleted at the end */
    static PackedRocksDb open(Disk disk, Path folder, Path real, RocksDbOptions options) {
        Path pack = folder.resolve(PACK);
        try {
            Files.createDirectories(real);
            if (disk.exists(pack)) {
                unpack(pack, disk.readAll(pack), real);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(real + " cannot be made", e);
        }
        boolean isOpen = false;
        try {
            PackedRocksDb opened = new PackedRocksDb(disk, folder, real, RocksDbEngine.open(real, options));
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                RocksDbEngines.delete(real);
            }
        }
    }

    /** As {@link #close}, for a process that has ended and left its views open. */
    void abandon() {
        List.copyOf(views).forEach(TrackedView::close);
        close();
    }

    @Override
    public void flush() {
        byte[] packed = packed();
        try {
            disk.replace(folder.resolve(PACK), packed);
        } catch (DiskFullException e) {
            throw new EngineFullException("there is no room to flush " + folder, e);
        }
    }

    @Override
    public void checkpoint(Path copy) {
        flush();
        disk.createDirectory(copy);
        try (DiskFile file = disk.create(copy.resolve(PACK))) {
            file.write(ByteBuffer.wrap(disk.readAll(folder.resolve(PACK))), 0);
            file.sync();
        }
        disk.syncDirectory(copy);
    }

    private byte[] packed() {
        Path copy = real.resolveSibling(real.getFileName() + "-now");
        engine.checkpoint(copy);
        try {
            return pack(copy);
        } finally {
            RocksDbEngines.delete(copy);
        }
    }

    /** The options it would write itself again. */
    private static byte[] pack(Path copy) {
        List<Path> files;
        try (Stream<Path> all = Files.list(copy)) {
            files = all.filter(file -> !file.getFileName().toString().startsWith("OPTIONS"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(copy + " cannot be listed", e);
        }
        List<byte[]> parts = new ArrayList<>();
        try {
            for (Path file : files) {
                byte[] name = file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
                byte[] content = Files.readAllBytes(file);
                parts.add(ByteBuffer.allocate(8 + name.length)
                        .putInt(name.length)
                        .put(name)
                        .putInt(content.length)
                        .array());
                parts.add(content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(copy + " cannot be read", e);
        }
        ByteBuffer packed =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(packed::put);
        return packed.array();
    }

    private static void unpack(Path pack, byte[] bytes, Path into) throws IOException {
        ByteBuffer packed = ByteBuffer.wrap(bytes);
        while (packed.hasRemaining()) {
            String name;
            byte[] content;
            try {
                name = new String(next(packed), StandardCharsets.UTF_8);
                content = next(packed);
            } catch (BufferUnderflowException e) {
                throw new EngineException(pack + " is damaged", e, true);
            }
            if (!name.matches("[A-Za-z0-9.-]+")) {
                throw new EngineException(pack + " is damaged", null, true);
            }
            Files.write(into.resolve(name), content);
        }
    }

    private static byte[] next(ByteBuffer packed) {
        int length = packed.getInt();
        if (length < 0 || length > packed.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        packed.get(bytes);
        return bytes;
    }

    @Override
    public void verifyFile(Path file) {
        Path copy = real.resolveSibling(real.getFileName() + "-checked");
        try {
            Files.createDirectories(copy);
            unpack(file, disk.readAll(file), copy);
            try (Stream<Path> all = Files.list(copy)) {
                all.forEach(engine::verifyFile);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(copy + " cannot be made", e);
        } finally {
            RocksDbEngines.delete(copy);
        }
    }

    @Override
    public void close() {
        if (!isClosed) {
            engine.close();
            isClosed = true;
            RocksDbEngines.delete(real);
        }
    }

    @Override
    public EngineView view() {
        TrackedView view = new TrackedView(engine.view());
        views.add(view);
        return view;
    }

    private final class TrackedView extends ViewInFront {
        TrackedView(EngineView view) {
            super(view);
        }

        @Override
        public void close() {
            if (views.remove(this)) {
                view.close();
            }
        }
    }
}
