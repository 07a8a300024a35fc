package io.axolotl.jepsen.front;

import io.axolotl.storage.disk.DiskFile;
import java.nio.ByteBuffer;

/** An open file that has another one do everything. Threads as the other one has it. */
public abstract class FileInFront implements DiskFile {
    protected final DiskFile file;

    protected FileInFront(DiskFile file) {
        this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long offset) {
        return file.read(target, offset);
    }

    @Override
    public void write(ByteBuffer source, long offset) {
        file.write(source, offset);
    }

    @Override
    public void sync() {
        file.sync();
    }

    @Override
    public void truncate(long sizeBytes) {
        file.truncate(sizeBytes);
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public void close() {
        file.close();
    }
}
