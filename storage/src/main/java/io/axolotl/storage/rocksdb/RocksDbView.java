package io.axolotl.storage.rocksdb;

import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.EngineView;
import io.axolotl.storage.engine.Space;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/** A RocksDB snapshot. Counts as one reader of its engine from birth to close. */
final class RocksDbView implements EngineView {
    private final RocksDbEngine engine;
    private final Snapshot snapshot;
    private final ReadOptions options;
    private volatile boolean isClosed;

    /** The caller has entered the engine's gate; {@link #close} leaves it. */
    RocksDbView(RocksDbEngine engine) {
        this.engine = engine;
        this.snapshot = engine.db().getSnapshot();
        this.options = new ReadOptions().setVerifyChecksums(true).setSnapshot(snapshot);
    }

    @Override
    public byte @Nullable [] get(Space space, byte[] key) {
        refuseIfClosed();
        return engine.get(options, space, key);
    }

    @Override
    public EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive) {
        refuseIfClosed();
        // Who waits for this view to be closed waits for its cursors too.
        engine.gate().enterAgain();
        return new RocksDbCursor(engine, snapshot, space, from, toExclusive);
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            options.close();
            engine.db().releaseSnapshot(snapshot);
            engine.gate().leave();
        }
    }

    private void refuseIfClosed() {
        if (isClosed) {
            throw new IllegalStateException("this view is closed");
        }
    }
}
