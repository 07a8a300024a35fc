package io.axolotl.jepsen.simulation;

import io.axolotl.jepsen.front.EngineInFront;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plants {@link PlantedBug#APPLIED_INDEX_LAGS}: what describes the state (the applied index among it) is written one write
 * later than the data.
 *
 * <p>Confined to the simulation's thread.
 */
final class LaggingEngine extends EngineInFront {
    /** Descriptions that wait for the next write, by key as hex; the first write of a store is let through. */
    private final Map<String, Runnable> late = new TreeMap<>();

    private boolean isFounded;
    private @Nullable AtomicWrite current;

    LaggingEngine(KvEngine engine) {
        super(engine);
        try (EngineCursor cursor = engine.scan(Space.META, new byte[0], null)) {
            this.isFounded = cursor.next();
        }
    }

    @Override
    public AtomicWrite newWrite() {
        return new LaggingWrite(engine.newWrite());
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
        engine.write(lagging.inner);
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
