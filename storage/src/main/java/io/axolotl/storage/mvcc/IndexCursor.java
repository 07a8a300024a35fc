package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.EngineCursor;

/** Walks {@code idx} records in key order; begins before the first. Confined to one thread. */
interface IndexCursor extends AutoCloseable {
    boolean next();

    byte[] key();

    /** Cheaper than asking the record. */
    boolean isTombstone();

    IndexRecord record();

    @Override
    void close();

    /** Over an engine's own cursor. */
    static IndexCursor over(EngineCursor cursor) {
        return new IndexCursor() {
            @Override
            public boolean next() {
                return cursor.next();
            }

            @Override
            public byte[] key() {
                return cursor.key();
            }

            @Override
            public boolean isTombstone() {
                return IndexRecord.isTombstone(cursor.firstValueByte());
            }

            @Override
            public IndexRecord record() {
                return IndexRecord.decode(cursor.value());
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }
}
