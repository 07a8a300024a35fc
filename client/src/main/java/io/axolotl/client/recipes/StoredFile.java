package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Pending;
import io.axolotl.client.RefusedException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file, which stays what it is while the file is appended to, replaced or deleted: as long as the servers remember it.
 * Once a replaced or deleted version was collected and history compacted, reads fail with a {@link FileVersionGoneException};
 * they never return anything of another version. Nothing has to be closed. Safe for all threads.
 */
public final class StoredFile {
    private final AxolotlClient client;
    private final FileKeys keys;
    private final FileStoreOptions options;
    private final FileInfo info;
    private final Inode inode;
    private final long revision;

    /** @param revision at which this was the file */
    StoredFile(
            AxolotlClient client, FileKeys keys, FileStoreOptions options, FileInfo info, Inode inode, long revision) {
        this.client = client;
        this.keys = keys;
        this.options = options;
        this.info = info;
        this.inode = inode;
        this.revision = revision;
    }

    public FileInfo info() {
        return info;
    }

    /**
     * Reads a range; takes memory for all of it.
     *
     * @param length what is beyond the end of the file is left out
     * @return fails with a {@link FileVersionGoneException}, or with a {@link FileDamagedException} if a checksum is wrong or a part
     *     missing
     * @throws IndexOutOfBoundsException if one of both is below 0
     */
    public Pending<Bytes> read(long offset, int length) {
        if (offset < 0 || length < 0) {
            throw new IndexOutOfBoundsException(length + " bytes from byte " + offset + " on cannot be read");
        }
        List<Piece> pieces = new ArrayList<>();
        long end = Math.min(info.bytes(), offset + length);
        for (long at = offset; at < end; ) {
            Piece piece = pieceAt(at, end);
            pieces.add(piece);
            at += piece.bytes();
        }
        List<CompletableFuture<Bytes>> lanes = new ArrayList<>();
        Bytes[] parts = new Bytes[pieces.size()];
        for (int lane = 0; lane < Math.min(options.window(), pieces.size()); lane++) {
            lanes.add(readEvery(pieces, parts, lane));
        }
        CompletableFuture<Bytes> all = CompletableFuture.allOf(lanes.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    Bytes whole = Bytes.EMPTY;
                    for (Bytes part : parts) {
                        whole = whole.plus(part);
                    }
                    return whole;
                });
        return Pending.ofReads(client, "file.read", all);
    }

    /** Reads each piece of a lane after the one before: as many lanes, as many pieces at once. */
    private CompletableFuture<Bytes> readEvery(List<Piece> pieces, Bytes[] parts, int at) {
        return fetch(pieces.get(at)).thenCompose(content -> {
            parts[at] = content;
            int next = at + options.window();
            return next < pieces.size() ? readEvery(pieces, parts, next) : CompletableFuture.completedFuture(content);
        });
    }

    /**
     * The whole file as a stream, which reads ahead by as many chunks as the options say, and no more. It blocks: not for network
     * threads. Its {@code read} throws an {@link java.io.IOException} whose cause is what {@link #read} would have failed with.
     */
    public InputStream stream() {
        return new ChunkStream(this, options.window());
    }

    /**
     * The whole file as a stream with demand: each subscriber gets it from its beginning, a chunk for each that it asks for, on threads of
     * the common pool. Fails with what {@link #read} would have failed with.
     */
    public Flow.Publisher<Bytes> chunks() {
        return new ChunkPublisher(this, ForkJoinPool.commonPool());
    }

    /**
     * A part of one chunk. Immutable.
     *
     * @param chunkBytes of the whole chunk in this version
     */
    record Piece(ExtentId id, long index, int chunkBytes, int from, int to) {
        int bytes() {
            return to - from;
        }
    }

    /** What of {@code [at, end)} lies in the chunk of byte {@code at}. */
    Piece pieceAt(long at, long end) {
        long start = 0;
        for (Inode.Extent extent : inode.extents()) {
            if (at < start + extent.bytes()) {
                long within = at - start;
                long index = within / extent.chunkBytes();
                long chunkStart = index * extent.chunkBytes();
                int chunkBytes = (int) Math.min(extent.chunkBytes(), extent.bytes() - chunkStart);
                int from = (int) (within - chunkStart);
                int to = (int) Math.min(chunkBytes, end - start - chunkStart);
                return new Piece(extent.id(), index, chunkBytes, from, to);
            }
            start += extent.bytes();
        }
        throw new AssertionError("byte " + at + " is beyond the end of " + info);
    }

    /**
     * Reads a chunk as any member has it, since what was written of a chunk never changes. If it is not there, or not as long, that member
     * lags, or the file was deleted: then as it was at the revision of this version.
     */
    CompletableFuture<Bytes> fetch(Piece piece) {
        Bytes key = keys.chunk(piece.id(), piece.index());
        return client.kv()
                .get(KeyRange.single(key), GetOptions.DEFAULT.withSerializable(true))
                .thenCompose(found -> {
                    Optional<Bytes> content = content(piece, found);
                    return content.isPresent()
                            ? CompletableFuture.completedFuture(content.get())
                            : fetchOld(piece, key);
                });
    }

    private CompletableFuture<Bytes> fetchOld(Piece piece, Bytes key) {
        CompletableFuture<Bytes> old = new CompletableFuture<>();
        var unused = client.kv()
                .get(KeyRange.single(key), GetOptions.DEFAULT.withRevision(revision))
                .whenComplete((found, failure) -> ended(piece, old, found, failure));
        return old;
    }

    private void ended(
            Piece piece, CompletableFuture<Bytes> old, @Nullable GetResult found, @Nullable Throwable failure) {
        if (found != null) {
            try {
                old.complete(content(piece, found)
                        .orElseThrow(() -> new FileDamagedException("chunk " + piece.index() + " of extent "
                                + piece.id() + ", a part of " + info.name() + ", is missing at revision " + revision)));
            } catch (FileDamagedException e) {
                old.completeExceptionally(e);
            }
        } else if (failure instanceof RefusedException refused && refused.code() == ErrorCode.OUT_OF_RANGE) {
            // The revision was: it is compacted.
            old.completeExceptionally(new FileVersionGoneException(info.name(), revision));
        } else {
            old.completeExceptionally(failure);
        }
    }

    private static Optional<Bytes> content(Piece piece, GetResult found) {
        return found.first()
                .map(kv -> Chunk.decode(piece.id(), piece.index(), kv.value()))
                .filter(content -> content.size() >= piece.chunkBytes())
                .map(content -> content.slice(piece.from(), piece.to()));
    }
}
