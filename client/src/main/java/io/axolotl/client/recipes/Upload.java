package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.TxnResult;
import io.axolotl.client.UnknownOutcomeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A file on its way into a {@link FileStore}, of any size. Nobody sees anything of it before {@link #commit}, which makes all of it
 * visible at once. What was sent hangs together with a lease, which is renewed meanwhile: when this process is gone it runs out, and
 * {@link FileStore#collect} removes the chunks.
 *
 * <p>Safe for all threads, but one write at a time: begin the next when the one before has ended.
 */
public final class Upload implements AutoCloseable {
    /** How often a chunk is sent whose answer is lost: the same chunk twice is one. */
    private static final int MAX_SENDS = 5;

    private final AxolotlClient client;
    private final FileStoreOptions options;
    private final FileKeys keys;
    private final FileCollector collector;
    private final String name;
    private final WriteMode mode;
    private final KeptLease lease;
    private final ExtentId id;

    /** The revision at which the upload began: that of the creation of its loose and its alive key. */
    private final long begun;

    // Guarded by this.
    private final Deque<CompletableFuture<Boolean>> onTheirWay = new ArrayDeque<>();
    private Bytes rest = Bytes.EMPTY;
    private long chunks;
    private long sentBytes;
    private boolean isWriting;
    private boolean isOver;

    Upload(
            AxolotlClient client,
            FileStoreOptions options,
            FileKeys keys,
            FileCollector collector,
            String name,
            WriteMode mode,
            KeptLease lease,
            ExtentId id,
            long begun) {
        this.client = client;
        this.options = options;
        this.keys = keys;
        this.collector = collector;
        this.name = name;
        this.mode = mode;
        this.lease = lease;
        this.id = id;
        this.begun = begun;
    }

    /** On which the upload hangs. */
    public KeptLease lease() {
        return lease;
    }

    /**
     * Adds to what is to be the file, or its end. Sends as many chunks at once as the options say, and keeps less than one.
     *
     * @return ends when the next write may begin: how many bytes were given so far. Fails with an {@link UploadLostException} when the lease
     *     has ended, or as the transactions that send chunks do: close it then
     * @throws IllegalStateException if the write before has not ended, or the upload is committed or closed
     */
    public Pending<Long> write(Bytes content) {
        begin();
        return Pending.ofWrites(client, "upload.write", end(pump(content, false)));
    }

    /**
     * Makes the file visible, with all that was written, by one transaction.
     *
     * @return fails with a {@link FileExistsException} or a {@link FileMissingException} by its {@link WriteMode}, with an {@link
     *     UploadLostException} when the lease has ended, with a {@link FilePartsException}, or with a {@link ContendedException}: then
     *     the file is what it was. Unknown means that all of it is visible, or nothing
     * @throws IllegalStateException if a write has not ended, or the upload is committed or closed
     */
    public Pending<FileInfo> commit() {
        begin();
        CompletableFuture<FileInfo> committed = end(pump(Bytes.EMPTY, true))
                .thenCompose(bytes -> Contest.win(client, "upload.commit", () -> commitOnce(bytes)));
        var unused = committed.whenComplete((info, failure) -> {
            if (failure == null) {
                over();
            } else {
                close();
            }
        });
        return Pending.ofWrites(client, "upload.commit", committed);
    }

    private synchronized void begin() {
        if (isOver || isWriting) {
            throw new IllegalStateException(
                    isOver ? "the upload of " + name + " is over" : "the write before has not ended");
        }
        isWriting = true;
    }

    private CompletableFuture<Long> end(CompletableFuture<Long> writing) {
        return writing.whenComplete((bytes, failure) -> {
            synchronized (this) {
                isWriting = false;
            }
        });
    }

    /**
     * Sends full chunks of what is there, as far as there is room for them on the way, and goes on when there is.
     *
     * @param isAll whether nothing follows: then the last chunk need not be full, and all have to arrive
     */
    private CompletableFuture<Long> pump(Bytes content, boolean isAll) {
        CompletableFuture<Boolean> oldest;
        synchronized (this) {
            rest = rest.plus(content);
            boolean isCut = false;
            while ((rest.size() >= options.chunkBytes() || (isAll && !rest.isEmpty()))
                    && onTheirWay.size() < options.window()) {
                int size = Math.min(options.chunkBytes(), rest.size());
                onTheirWay.add(send(chunks, rest.slice(0, size), 1));
                rest = rest.slice(size, rest.size());
                isCut = true;
                chunks++;
                sentBytes += size;
            }
            if (isCut && rest.size() < options.chunkBytes()) {
                // A slice would keep all of what it was cut from.
                rest = Bytes.copyOf(rest.toByteArray());
            }
            boolean isMoreToSend = rest.size() >= options.chunkBytes() || (isAll && !rest.isEmpty());
            if (!isMoreToSend && (!isAll || onTheirWay.isEmpty())) {
                return CompletableFuture.completedFuture(sentBytes + rest.size());
            }
            oldest = onTheirWay.remove();
        }
        return oldest.thenCompose(sent -> pump(Bytes.EMPTY, isAll));
    }

    private CompletableFuture<Boolean> send(long index, Bytes content, int sends) {
        return client.kv()
                .txn()
                .when(isAlive())
                .then(Op.put(keys.chunk(id, index), Chunk.encode(id, index, content)))
                .commit()
                .thenApply(result -> {
                    if (!result.succeeded()) {
                        throw new UploadLostException(name);
                    }
                    return true;
                })
                .exceptionallyCompose(
                        failure -> QueueConsumer.cause(failure) instanceof UnknownOutcomeException && sends < MAX_SENDS
                                ? send(index, content, sends + 1)
                                : CompletableFuture.failedFuture(failure));
    }

    private Compare isAlive() {
        return Compare.createRevision(keys.alive(id)).equalTo(begun);
    }

    private CompletableFuture<Optional<FileInfo>> commitOnce(long bytes) {
        return client.kv().get(keys.inode(name)).thenCompose(found -> {
            Optional<KeyValue> before = found.first();
            Inode old = before.map(kv -> Inode.decode(kv.key(), kv.value())).orElse(Inode.EMPTY);
            if (mode == WriteMode.CREATE && before.isPresent()) {
                throw new FileExistsException(name);
            } else if (mode == WriteMode.APPEND && before.isEmpty()) {
                throw new FileMissingException(name);
            }
            Inode next = mode == WriteMode.APPEND ? old : Inode.EMPTY;
            if (bytes > 0) {
                next = FileStore.plus(next, new Inode.Extent(id, bytes, options.chunkBytes()), name);
            }
            return decide(before, old, next);
        });
    }

    private CompletableFuture<Optional<FileInfo>> decide(Optional<KeyValue> before, Inode old, Inode next) {
        Bytes inode = keys.inode(name);
        var txn = client.kv()
                .txn()
                .when(
                        isAlive(),
                        Compare.modRevision(inode)
                                .equalTo(before.map(KeyValue::modRevision).orElse(0L)))
                .then(
                        Op.put(inode, next.encode()),
                        Op.delete(KeyRange.single(keys.loose(id))),
                        Op.delete(KeyRange.single(keys.alive(id))))
                .otherwise(Op.get(KeyRange.single(keys.alive(id))));
        ExtentId garbage = ExtentId.random();
        boolean isReplaced = mode == WriteMode.REPLACE && !old.extents().isEmpty();
        if (isReplaced) {
            txn.then(Op.put(keys.loose(garbage), old.encode()));
        }
        return txn.commit().thenApply(result -> {
            if (result.succeeded()) {
                return Optional.of(
                        new FileInfo(name, next.bytes(), result.header().revision()));
            }
            requireAlive(result);
            return Optional.empty();
        });
    }

    private void requireAlive(TxnResult result) {
        GetResult alive = (GetResult) result.results().get(0);
        if (alive.first().map(KeyValue::createRevision).orElse(0L) != begun) {
            throw new UploadLostException(name);
        }
    }

    /** @return whether it was not before */
    private boolean over() {
        synchronized (this) {
            if (isOver) {
                return false;
            }
            isOver = true;
            rest = Bytes.EMPTY;
        }
        lease.close();
        return true;
    }

    /**
     * Gives the upload up, unless it is committed, without waiting: what was sent is collected, by this store or by the next {@link
     * FileStore#collect}. Calling it again does nothing.
     */
    @Override
    public void close() {
        if (over()) {
            // First nothing more can arrive, then what has arrived goes.
            var unused =
                    client.kv().delete(KeyRange.single(keys.alive(id))).thenCompose(gone -> collector.collectAll());
        }
    }
}
