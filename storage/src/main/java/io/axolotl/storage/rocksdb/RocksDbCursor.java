package io.axolotl.storage.rocksdb;

import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.Space;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/** A RocksDB iterator with an upper bound. Counts as one reader of its engine. Confined to one thread. */
final class RocksDbCursor implements EngineCursor {
    private final RocksDbEngine engine;
    private final byte[] from;
    private final ReadOptions options;
    private final @Nullable Slice bound;
    private final RocksIterator iterator;
    private final byte[] firstByte = new byte[1];
    private boolean hasStarted;
    private boolean isClosed;

    /**
     * The caller has entered the engine's gate; {@link #close} leaves it.
     *
     * @param snapshot null for the state as of the last write
     */
    RocksDbCursor(
            RocksDbEngine engine,
            @Nullable Snapshot snapshot,
            Space space,
            byte[] from,
            byte @Nullable [] toExclusive) {
        this.engine = engine;
        this.from = from;
        options = new ReadOptions().setVerifyChecksums(true);
        if (snapshot != null) {
            options.setSnapshot(snapshot);
        }
        if (toExclusive == null) {
            bound = null;
        } else {
            // A bound below the start is an empty range; RocksDB would not promise so.
            bound = new Slice(Arrays.compareUnsigned(toExclusive, from) < 0 ? from : toExclusive);
            options.setIterateUpperBound(bound);
        }
        iterator = engine.db().newIterator(engine.family(space), options);
    }

    @Override
    public boolean next() {
        refuseIfClosed();
        if (hasStarted) {
            iterator.next();
        } else {
            iterator.seek(from);
            hasStarted = true;
        }
        if (iterator.isValid()) {
            return true;
        }
        try {
            // Not valid is either the end or a failure; only the status tells them apart.
            iterator.status();
        } catch (RocksDBException e) {
            throw engine.readFailed(e);
        }
        return false;
    }

    @Override
    public byte[] key() {
        refuseIfClosed();
        return iterator.key();
    }

    @Override
    public byte[] value() {
        refuseIfClosed();
        return iterator.value();
    }

    @Override
    public int firstValueByte() {
        refuseIfClosed();
        iterator.value(firstByte);
        return firstByte[0] & 0xff;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            iterator.close();
            options.close();
            if (bound != null) {
                bound.close();
            }
            engine.gate().leave();
        }
    }

    private void refuseIfClosed() {
        if (isClosed) {
            throw new IllegalStateException("this cursor is closed");
        }
    }
}
