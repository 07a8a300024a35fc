package io.axolotl.jepsen.simulation;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Plants {@link PlantedBug#APPLIED_INDEX_LAGS}: what describes the state (the applied index among it) is written one write
 * later than the data.
 *
 * <p>Confined to the simulation's thread.
 */
final class LaggingEngine implements KvEngine {
    private final KvEngine target;

    /** Descriptions that wait for the next write, by key as hex; the first write of a store is let through. */
    private final Map<String, Runnable> late = new TreeMap<>();

    private boolean isFounded;
    private @Nullable AtomicWrite current;

    LaggingEngine(KvEngine target) {
        this.target = target;
        try (EngineCursor cursor = target.scan(Space.META, new byte[0], null)) {
            this.isFounded = cursor.next();
        }
    }

    @Override
    public AtomicWrite newWrite() {
        return new LaggingWrite(target.newWrite());
    }

    @Override
    public void write(AtomicWrite write) {
        LaggingWrite lagging = (LaggingWrite) write;
        Map<String, Runnable> due = new TreeMap<>(late);
        late.clear();
        late.putAll(lagging.held);
        lagging.held.clear();
        current = lagging.inner;
        if (!isFounded) {
            late.values().forEach(Runnable::run);
            late.clear();
            isFounded = true;
        }
        due.values().forEach(Runnable::run);
        target.write(lagging.inner);
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        return target.get(space, key);
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        return target.scan(space, from, toExclusive);
    }

    @Override
    public EngineView view() {
        return target.view();
    }

    @Override
    public void flush() {
        target.flush();
    }

    @Override
    public void checkpoint(Path path) {
        target.checkpoint(path);
    }

    @Override
    public void reclaim() {
        target.reclaim();
    }

    @Override
    public void defragment() {
        target.defragment();
    }

    @Override
    public void verifyFiles(LongConsumer read) {
        target.verifyFiles(read);
    }

    @Override
    public void verifyFile(Path file) {
        target.verifyFile(file);
    }

    @Override
    public long sizeBytes() {
        return target.sizeBytes();
    }

    @Override
    public long liveBytes() {
        return target.liveBytes();
    }

    @Override
    public void close() {
        target.close();
    }

    private final class LaggingWrite implements AtomicWrite {
        private final AtomicWrite inner;
        private final Map<String, Runnable> held = new TreeMap<>();

        LaggingWrite(AtomicWrite inner) {
            this.inner = inner;
        }

        @Override
        public void put(Space space, byte[] key, byte[] value) {
            if (space != Space.META) {
                inner.put(space, key, value);
                return;
            }
            byte[] keptKey = key.clone();
            byte[] keptValue = value.clone();
            held.put(HexFormat.of().formatHex(key), () -> written().put(Space.META, keptKey, keptValue));
        }

        private AtomicWrite written() {
            return current == null ? inner : current;
        }

        @Override
        public void delete(Space space, byte[] key) {
            inner.delete(space, key);
        }

        @Override
        public void singleDelete(Space space, byte[] key) {
            inner.singleDelete(space, key);
        }

        @Override
        public int count() {
            return inner.count() + held.size();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
