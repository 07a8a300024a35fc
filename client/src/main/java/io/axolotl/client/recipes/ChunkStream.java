package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Reads a file from its beginning, some chunks ahead. For one thread at a time. */
final class ChunkStream extends InputStream {
    private final StoredFile file;
    private final int window;
    private final Deque<CompletableFuture<Bytes>> ahead = new ArrayDeque<>();

    /** The first byte that was not asked for. */
    private long next;

    private byte[] current = {};
    private int position;

    ChunkStream(StoredFile file, int window) {
        this.file = file;
        this.window = window;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (position == current.length && !advance()) {
            return -1;
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current, position, target, offset, count);
        position += count;
        return count;
    }

    private boolean advance() throws IOException {
        while (next < file.info().bytes() && ahead.size() < window) {
            StoredFile.Piece piece = file.pieceAt(next, file.info().bytes());
            next += piece.bytes();
            ahead.add(file.fetch(piece));
        }
        CompletableFuture<Bytes> first = ahead.poll();
        if (first == null) {
            return false;
        }
        try {
            current = first.get().toByteArray();
            position = 0;
            return true;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(file.info().name() + " cannot be read on: " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException(
                            "interrupted while reading " + file.info().name())
                    .initCause(e);
        }
    }
}
