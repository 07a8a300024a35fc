package io.axolotl.storage.rocksdb;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.Space;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** One native batch, filled, written and cleared again and again. Confined to one thread. */
final class RocksDbWrite implements AtomicWrite {
    private final RocksDbEngine engine;
    private final WriteBatch batch = new WriteBatch();
    private int count;
    private boolean isClosed;

    RocksDbWrite(RocksDbEngine engine) {
        this.engine = engine;
    }

    @Override
    public void put(Space space, byte[] key, byte[] value) {
        refuseIfClosed();
        try {
            batch.put(engine.family(space), key, value);
        } catch (RocksDBException e) {
            throw failed(e);
        }
        count++;
    }

    @Override
    public void delete(Space space, byte[] key) {
        refuseIfClosed();
        try {
            batch.delete(engine.family(space), key);
        } catch (RocksDBException e) {
            throw failed(e);
        }
        count++;
    }

    @Override
    public void singleDelete(Space space, byte[] key) {
        refuseIfClosed();
        if (space != Space.REV) {
            throw new AssertionError("keys of " + space + " may be put twice, so they cannot be single-deleted");
        }
        try {
            batch.singleDelete(engine.family(space), key);
        } catch (RocksDBException e) {
            throw failed(e);
        }
        count++;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void close() {
        isClosed = true;
        batch.close();
    }

    WriteBatch batch() {
        refuseIfClosed();
        return batch;
    }

    void clear() {
        batch.clear();
        count = 0;
    }

    private void refuseIfClosed() {
        if (isClosed) {
            throw new IllegalStateException("this write is closed");
        }
    }

    private static EngineException failed(RocksDBException e) {
        return new EngineException("a change could not be added to a batch: " + e.getMessage(), e);
    }
}
