package io.axolotl.storage.archive;

import io.axolotl.storage.archive.ArchiveHeader.PackedFile;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * An archive on its way out: read once, from the beginning to the end. Holds disk space until it is closed.
 *
 * <p>Confined to one thread at a time.
 */
public final class StateArchive implements AutoCloseable {
    private final Disk disk;
    private final Path folder;
    private final byte[] header;
    private final long sizeBytes;
    private final Runnable onClosed;
    private final MessageDigest digest = sha256();
    private final Iterator<PackedFile> filesLeft;
    private long at;
    private @Nullable DiskFile open;
    private @Nullable PackedFile current;
    private long currentAt;
    private boolean isClosed;

    /** @param onClosed called once */
    StateArchive(Disk disk, Path folder, ArchiveHeader header, Runnable onClosed) {
        this.disk = disk;
        this.folder = folder;
        this.header = header.encode();
        this.sizeBytes = header.contentBytes(this.header.length);
        this.filesLeft = header.files().iterator();
        this.onClosed = onClosed;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Of everything before the checksum; a multiple of 512. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** What {@link #read} has not given out yet. */
    public long remainingBytes() {
        return sizeBytes - at;
    }

    /** The next bytes, at most so many; none at the end. */
    public byte[] read(int maxBytes) {
        byte[] out = new byte[(int) Math.min(maxBytes, remainingBytes())];
        int filled = 0;
        while (filled < out.length) {
            filled += readSome(out, filled);
        }
        digest.update(out);
        return out;
    }

    /** @return at least 1 */
    private int readSome(byte[] out, int from) {
        int length;
        if (at < header.length) {
            length = (int) Math.min(out.length - from, header.length - at);
            System.arraycopy(header, (int) at, out, from, length);
        } else if (isFileLeft()) {
            length = readFile(out, from);
        } else {
            // Zeros, as the array has them.
            length = out.length - from;
        }
        at += length;
        return length;
    }

    private boolean isFileLeft() {
        while (current == null || currentAt == current.sizeBytes()) {
            closeFile();
            if (!filesLeft.hasNext()) {
                return false;
            }
            current = filesLeft.next();
            currentAt = 0;
            open = disk.open(folder.resolve(current.name()));
        }
        return true;
    }

    private int readFile(byte[] out, int from) {
        PackedFile file = current;
        DiskFile opened = open;
        if (file == null || opened == null) {
            throw new AssertionError("no file is open");
        }
        int wanted = (int) Math.min(out.length - from, file.sizeBytes() - currentAt);
        if (opened.read(ByteBuffer.wrap(out, from, wanted), currentAt) != wanted) {
            throw new DiskException(folder.resolve(file.name()), "read", "it has become shorter than it was");
        }
        currentAt += wanted;
        return wanted;
    }

    /**
     * SHA-256 of everything that was read.
     *
     * @throws IllegalStateException before the end
     */
    public byte[] checksum() {
        if (remainingBytes() != 0) {
            throw new IllegalStateException(remainingBytes() + " bytes of the archive were not read yet");
        }
        return digest.digest();
    }

    private void closeFile() {
        DiskFile opened = open;
        if (opened != null) {
            opened.close();
        }
        open = null;
        current = null;
    }

    /** Lets go of the disk space. Closing twice does nothing. */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        closeFile();
        disk.deleteTree(folder);
        onClosed.run();
    }
}
