package io.axolotl.jepsen.front;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** An engine that has another one do everything. Threads as the other one has it. */
public abstract class EngineInFront implements KvEngine {
    protected final KvEngine engine;

    protected EngineInFront(KvEngine engine) {
        this.engine = engine;
    }

    @Override
    public AtomicWrite newWrite() {
        return engine.newWrite();
    }

    @Override
    public void write(AtomicWrite write) {
        engine.write(write);
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        return engine.get(space, key);
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        return engine.scan(space, from, toExclusive);
    }

    @Override
    public EngineView view() {
        return engine.view();
    }

    @Override
    public void flush() {
        engine.flush();
    }

    @Override
    public void checkpoint(Path target) {
        engine.checkpoint(target);
    }

    @Override
    public void reclaim() {
        engine.reclaim();
    }

    @Override
    public void defragment() {
        engine.defragment();
    }

    @Override
    public void verifyFiles(LongConsumer read) {
        engine.verifyFiles(read);
    }

    @Override
    public void verifyFile(Path file) {
        engine.verifyFile(file);
    }

    @Override
    public long sizeBytes() {
        return engine.sizeBytes();
    }

    @Override
    public long liveBytes() {
        return engine.liveBytes();
    }

    @Override
    public void close() {
        engine.close();
    }
}
