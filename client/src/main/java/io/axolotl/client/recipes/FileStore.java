package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.Pending;
import io.axolotl.client.PutOptions;
import io.axolotl.client.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Files of any size in the cluster's keys, under one prefix. Every operation is one for readers: they see a file as it was or as it is to
 * be, never a part of a change; the one transaction that changes its inode decides. Those who change a file at the same time take
 * turns by comparing the inode's revision.
 *
 * <p>What fits into one transaction ({@link FileStoreOptions#wholeBytes}) is written by one. More is sent in chunks first, which belong to
 * no file and hang together with a lease, by an {@link Upload}; {@link #create}, {@link #write} and {@link #append} make one by themselves.
 *
 * <p>What is replaced or deleted is collected afterwards, some chunks at a time, by the store that has done it, or, if that did not get to
 * it, by {@link #collect}: have one process call it now and then. A {@link StoredFile} goes on to read the version that it was opened at.
 *
 * <p>Outcomes are those of the deciding transaction. Refused means that the file is what it was, though chunks that nobody sees may have been
 * written and will be collected. Unknown, which against servers with sessions comes only when the time of a call was over first, means that
 * the change was made whole, or not at all, or will be.
 *
 * <p>A name is any text but the empty one; a slash means nothing. The keys are drawn in docs/formats/filestore.md. Safe for all threads.
 */
public final class FileStore {
    private final AxolotlClient client;
    private final FileStoreOptions options;
    private final FileKeys keys;
    private final FileCollector collector;

    /** @param prefix under which nothing but file stores writes */
    public FileStore(AxolotlClient client, Bytes prefix, FileStoreOptions options) {
        this.client = client;
        this.options = options;
        this.keys = new FileKeys(prefix.plus("/"));
        this.collector = new FileCollector(client, keys);
    }

    /**
     * Makes a file.
     *
     * @return fails with a {@link FileExistsException} if there is one of that name
     */
    public Pending<FileInfo> create(String name, Bytes content) {
        return put("fileStore.create", name, content, WriteMode.CREATE);
    }

    /** Makes a file, or replaces all of it. */
    public Pending<FileInfo> write(String name, Bytes content) {
        return put("fileStore.write", name, content, WriteMode.REPLACE);
    }

    /**
     * Adds to the end of a file. Of several who append at the same time each comes whole, after the other.
     *
     * @return fails with a {@link FileMissingException} if there is no such file, with a {@link FilePartsException} if it was appended to in
     *     thousands of large parts
     */
    public Pending<FileInfo> append(String name, Bytes content) {
        return put("fileStore.append", name, content, WriteMode.APPEND);
    }

    private Pending<FileInfo> put(String call, String name, Bytes content, WriteMode mode) {
        requireName(name);
        CompletableFuture<FileInfo> done = content.size() <= options.wholeBytes()
                ? Contest.win(client, call, () -> writeWhole(name, content, mode))
                : uploadAll(name, content, mode);
        return Pending.ofWrites(client, call, done);
    }

    private static void requireName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a file needs a name of one character at least");
        }
    }

    private CompletableFuture<FileInfo> uploadAll(String name, Bytes content, WriteMode mode) {
        return upload(name, mode)
                .thenCompose(upload -> upload.write(content)
                        .thenCompose(bytes -> upload.commit())
                        .whenComplete((info, failure) -> upload.close()));
    }

    /** All by one transaction: chunks and inode. */
    private CompletableFuture<Optional<FileInfo>> writeWhole(String name, Bytes content, WriteMode mode) {
        return client.kv().get(keys.inode(name)).thenCompose(found -> {
            Optional<KeyValue> before = found.first();
            if (mode == WriteMode.CREATE && before.isPresent()) {
                throw new FileExistsException(name);
            } else if (mode == WriteMode.APPEND && before.isEmpty()) {
                throw new FileMissingException(name);
            }
            Inode old = before.map(kv -> Inode.decode(kv.key(), kv.value())).orElse(Inode.EMPTY);
            if (mode == WriteMode.APPEND) {
                return grow(name, before.get(), old, content);
            }
            List<Op> ops = new ArrayList<>();
            Inode next = content.isEmpty() ? Inode.EMPTY : Inode.EMPTY.plus(newExtent(content, ops));
            if (!old.extents().isEmpty()) {
                ops.add(Op.put(keys.loose(ExtentId.random()), old.encode()));
            }
            return decide(name, before, next, ops).thenApply(info -> {
                if (info.isPresent() && !old.extents().isEmpty()) {
                    collectSoon();
                }
                return info;
            });
        });
    }

    /** Fills up the last chunk if the whole still is one small transaction, else begins another extent. */
    private CompletableFuture<Optional<FileInfo>> grow(String name, KeyValue before, Inode old, Bytes content) {
        if (content.isEmpty()) {
            return CompletableFuture.completedFuture(
                    Optional.of(new FileInfo(name, old.bytes(), before.modRevision())));
        }
        Optional<Inode.Extent> last = old.extents().isEmpty()
                ? Optional.empty()
                : Optional.of(old.extents().get(old.extents().size() - 1));
        if (last.isEmpty() || !fits(last.get(), content.size())) {
            List<Op> ops = new ArrayList<>();
            Inode next = plus(old, newExtent(content, ops), name);
            return decide(name, Optional.of(before), next, ops);
        }
        Inode.Extent extent = last.get();
        return tail(name, before, old, extent).thenCompose(tail -> {
            List<Op> ops = new ArrayList<>();
            putChunks(extent.id(), extent.bytes() / extent.chunkBytes(), extent.chunkBytes(), tail.plus(content), ops);
            Inode next =
                    old.withLast(new Inode.Extent(extent.id(), extent.bytes() + content.size(), extent.chunkBytes()));
            return decide(name, Optional.of(before), next, ops);
        });
    }

    private boolean fits(Inode.Extent extent, int moreBytes) {
        long bytes = (long) extent.partialBytes() + moreBytes;
        return bytes <= (long) options.wholeBytes() + options.chunkBytes()
                && bytes / extent.chunkBytes() < FileStoreOptions.MAX_WHOLE_CHUNKS;
    }

    private CompletableFuture<Bytes> tail(String name, KeyValue before, Inode old, Inode.Extent extent) {
        int partial = extent.partialBytes();
        if (partial == 0) {
            return CompletableFuture.completedFuture(Bytes.EMPTY);
        }
        return new StoredFile(
                        client,
                        keys,
                        options,
                        new FileInfo(name, old.bytes(), before.modRevision()),
                        old,
                        before.modRevision())
                .read(old.bytes() - partial, partial);
    }

    private Inode.Extent newExtent(Bytes content, List<Op> ops) {
        ExtentId id = ExtentId.random();
        putChunks(id, 0, options.chunkBytes(), content, ops);
        return new Inode.Extent(id, content.size(), options.chunkBytes());
    }

    private void putChunks(ExtentId id, long first, int chunkBytes, Bytes content, List<Op> ops) {
        long index = first;
        for (int from = 0; from < content.size(); from += chunkBytes) {
            Bytes part = content.slice(from, Math.min(content.size(), from + chunkBytes));
            ops.add(Op.put(keys.chunk(id, index), Chunk.encode(id, index, part)));
            index++;
        }
    }

    /** @throws FilePartsException if there is no room for one more */
    static Inode plus(Inode inode, Inode.Extent extent, String name) {
        if (inode.extents().size() >= Inode.MAX_EXTENTS) {
            throw new FilePartsException(name, Inode.MAX_EXTENTS);
        }
        return inode.plus(extent);
    }

    /** The transaction that everything hangs on; empty if the file has changed meanwhile. */
    private CompletableFuture<Optional<FileInfo>> decide(
            String name, Optional<KeyValue> before, Inode next, List<Op> ops) {
        Bytes inode = keys.inode(name);
        Txn txn = client.kv()
                .txn()
                .when(Compare.modRevision(inode)
                        .equalTo(before.map(KeyValue::modRevision).orElse(0L)))
                .then(Op.put(inode, next.encode()));
        ops.forEach(txn::then);
        return txn.commit()
                .thenApply(result -> result.succeeded()
                        ? Optional.of(
                                new FileInfo(name, next.bytes(), result.header().revision()))
                        : Optional.empty());
    }

    /**
     * Begins to write a file of any size.
     *
     * @param mode what is to become of the file that is there at {@link Upload#commit}, which looks only then
     */
    public Pending<Upload> upload(String name, WriteMode mode) {
        requireName(name);
        ExtentId id = ExtentId.random();
        Inode extent = Inode.EMPTY.plus(new Inode.Extent(id, 0, options.chunkBytes()));
        CompletableFuture<Upload> begun = Leasing.keep(client, options.leaseSeconds(), KeptLease.Listener.NONE)
                .thenCompose(lease -> client.kv()
                        .txn()
                        .then(
                                Op.put(keys.loose(id), extent.encode()),
                                new Op.Put(keys.alive(id), Bytes.EMPTY, PutOptions.DEFAULT.withLease(lease.id())))
                        .commit()
                        .whenComplete((result, failure) -> {
                            if (result == null) {
                                lease.close();
                            }
                        })
                        .thenApply(result -> new Upload(
                                client,
                                options,
                                keys,
                                collector,
                                name,
                                mode,
                                lease,
                                id,
                                result.header().revision())));
        return Pending.ofWrites(client, "fileStore.upload", Handover.of(begun, Upload::close));
    }

    /**
     * A file as it is now.
     *
     * @return fails with a {@link FileMissingException} if there is none, with a {@link FileDamagedException} if its record cannot be read
     */
    public Pending<StoredFile> open(String name) {
        requireName(name);
        return Pending.ofReads(client, "fileStore.open", openNow(name));
    }

    private CompletableFuture<StoredFile> openNow(String name) {
        return client.kv().get(keys.inode(name)).thenApply(found -> {
            KeyValue inode = found.first().orElseThrow(() -> new FileMissingException(name));
            return new StoredFile(
                    client,
                    keys,
                    options,
                    keys.info(inode),
                    Inode.decode(inode.key(), inode.value()),
                    found.header().revision());
        });
    }

    /**
     * Reads a range of a file as it is now; takes memory for all of it. {@link #open} reads a file in parts, all of one version.
     *
     * @param length what is beyond the end of the file is left out
     * @return fails as {@link #open} and {@link StoredFile#read} do
     */
    public Pending<Bytes> read(String name, long offset, int length) {
        requireName(name);
        return Pending.ofReads(client, "fileStore.read", openNow(name).thenCompose(file -> file.read(offset, length)));
    }

    /**
     * Lists files, all as of one revision.
     *
     * @param prefix with which names begin; all if it is empty
     * @param after the name after which to begin; empty to begin at the first
     * @param limit most files to return, 1 at least
     */
    public Pending<FilePage> list(String prefix, String after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a list of " + limit + " files; at least 1 is needed");
        }
        KeyRange all = keys.inodes(prefix);
        Bytes first = after.isEmpty() ? all.key() : keys.inode(after).plus("\0");
        KeyRange range = first.compareTo(all.key()) > 0 ? KeyRange.between(first, all.end()) : all;
        return Pending.ofReads(
                client,
                "fileStore.list",
                client.kv()
                        .get(range, GetOptions.DEFAULT.withLimit(limit))
                        .thenApply(found -> new FilePage(
                                found.kvs().stream().map(keys::info).toList(),
                                found.more(),
                                found.header().revision())));
    }

    /**
     * Gives a file another name; its chunks stay where they are.
     *
     * @return fails with a {@link FileMissingException}, or with a {@link FileExistsException} if there is one of the new name
     */
    public Pending<FileInfo> rename(String from, String to) {
        requireName(from);
        requireName(to);
        return Pending.ofWrites(
                client, "fileStore.rename", Contest.win(client, "fileStore.rename", () -> renameOnce(from, to)));
    }

    private CompletableFuture<Optional<FileInfo>> renameOnce(String from, String to) {
        Bytes old = keys.inode(from);
        Bytes next = keys.inode(to);
        return client.kv()
                .txn()
                .then(Op.get(KeyRange.single(old)), Op.get(KeyRange.single(next)))
                .commit()
                .thenCompose(read -> {
                    KeyValue inode = ((GetResult) read.results().get(0))
                            .first()
                            .orElseThrow(() -> new FileMissingException(from));
                    if (((GetResult) read.results().get(1)).first().isPresent()) {
                        throw new FileExistsException(to);
                    }
                    return client.kv()
                            .txn()
                            .when(
                                    Compare.modRevision(old).equalTo(inode.modRevision()),
                                    Compare.createRevision(next).equalTo(0))
                            .then(Op.put(next, inode.value()), Op.delete(KeyRange.single(old)))
                            .commit()
                            .thenApply(result -> result.succeeded()
                                    ? Optional.of(new FileInfo(
                                            to,
                                            keys.info(inode).bytes(),
                                            result.header().revision()))
                                    : Optional.empty());
                });
    }

    /**
     * Deletes a file; its chunks are collected afterwards.
     *
     * @return what it was. Fails with a {@link FileMissingException} if there is none
     */
    public Pending<FileInfo> delete(String name) {
        requireName(name);
        return Pending.ofWrites(
                client, "fileStore.delete", Contest.win(client, "fileStore.delete", () -> deleteOnce(name)));
    }

    private CompletableFuture<Optional<FileInfo>> deleteOnce(String name) {
        Bytes key = keys.inode(name);
        return client.kv().get(key).thenCompose(found -> {
            KeyValue inode = found.first().orElseThrow(() -> new FileMissingException(name));
            FileInfo info = keys.info(inode);
            Txn txn = client.kv()
                    .txn()
                    .when(Compare.modRevision(key).equalTo(inode.modRevision()))
                    .then(Op.delete(KeyRange.single(key)));
            if (info.bytes() > 0) {
                txn.then(Op.put(keys.loose(ExtentId.random()), inode.value()));
            }
            return txn.commit().thenApply(result -> {
                if (!result.succeeded()) {
                    return Optional.empty();
                }
                collectSoon();
                return Optional.of(info);
            });
        });
    }

    private void collectSoon() {
        // Whoever collects next does what this attempt does not get to.
        var unused = collector.collectAll();
    }

    /**
     * Deletes all chunks that belong to no file: of files that were deleted or replaced, and of uploads whose process is gone.
     *
     * @return how many files and uploads that were. Others may collect at the same time
     */
    public Pending<Long> collect() {
        return Pending.ofWrites(client, "fileStore.collect", collector.collectAll());
    }
}
