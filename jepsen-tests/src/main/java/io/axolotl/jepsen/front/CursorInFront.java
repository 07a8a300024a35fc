package io.axolotl.jepsen.front;

import io.axolotl.storage.engine.EngineCursor;

/** A cursor that has another one do everything. Confined to one thread, as the other one is. */
public abstract class CursorInFront implements EngineCursor {
    protected final EngineCursor cursor;

    protected CursorInFront(EngineCursor cursor) {
        this.cursor = cursor;
    }

    @Override
    public boolean next() {
        return cursor.next();
    }

    @Override
    public byte[] key() {
        return cursor.key();
    }

    @Override
    public byte[] value() {
        return cursor.value();
    }

    @Override
    public int firstValueByte() {
        return cursor.firstValueByte();
    }

    @Override
    public void close() {
        cursor.close();
    }
}
