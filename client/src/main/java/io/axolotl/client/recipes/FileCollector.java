package io.axolotl.client.recipes;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes the chunks of extents that belong to no file and that nobody writes any more, a bounded number at a time. Any number of
 * collectors may work at once, and any of them may stop anywhere: the record of an extent goes last.
 *
 * <p>Safe for all threads.
 */
final class FileCollector {
    private static final int CHUNKS_AT_ONCE = 64;
    private static final int RECORDS_AT_ONCE = 32;

    private final AxolotlClient client;
    private final FileKeys keys;

    FileCollector(AxolotlClient client, FileKeys keys) {
        this.client = client;
        this.keys = keys;
    }

    /** @return how many records of loose extents are no more */
    CompletableFuture<Long> collectAll() {
        return collectFrom(keys.allLoose(), 0);
    }

    /**
     * Reads records and who is alive at one revision: a record is put together with the key of who is alive or without any, and the file
     * that takes an extent takes both away. So a record alone belongs to nobody, for ever.
     */
    private CompletableFuture<Long> collectFrom(KeyRange range, long before) {
        return client.kv()
                .txn()
                .then(
                        new Op.Get(range, GetOptions.DEFAULT.withLimit(RECORDS_AT_ONCE)),
                        new Op.Get(keys.allAlive(), GetOptions.DEFAULT.withKeysOnly(true)))
                .commit()
                .thenCompose(result -> {
                    GetResult records = (GetResult) result.results().get(0);
                    Set<ExtentId> alive = new HashSet<>();
                    for (KeyValue kv : ((GetResult) result.results().get(1)).kvs()) {
                        alive.add(keys.id(kv.key()));
                    }
                    Deque<KeyValue> left = new ArrayDeque<>(records.kvs());
                    left.removeIf(record -> alive.contains(keys.id(record.key())));
                    long after = before + left.size();
                    return collectEach(left).thenCompose(done -> {
                        if (!records.more()) {
                            return CompletableFuture.completedFuture(after);
                        }
                        Bytes last = records.kvs().get(records.kvs().size() - 1).key();
                        return collectFrom(KeyRange.between(last.plus("\0"), range.end()), after);
                    });
                });
    }

    private CompletableFuture<Boolean> collectEach(Deque<KeyValue> records) {
        KeyValue record = records.poll();
        return record == null
                ? CompletableFuture.completedFuture(true)
                : collect(record).thenCompose(done -> collectEach(records));
    }

    private CompletableFuture<Boolean> collect(KeyValue record) {
        Deque<Inode.Extent> extents =
                new ArrayDeque<>(Inode.decode(record.key(), record.value()).extents());
        return deleteExtents(extents)
                .thenCompose(done -> client.kv()
                        .txn()
                        .when(Compare.createRevision(record.key()).equalTo(record.createRevision()))
                        .then(Op.delete(KeyRange.single(record.key())))
                        .commit()
                        .thenApply(result -> true));
    }

    private CompletableFuture<Boolean> deleteExtents(Deque<Inode.Extent> extents) {
        Inode.Extent extent = extents.poll();
        return extent == null
                ? CompletableFuture.completedFuture(true)
                : deleteChunks(extent.id()).thenCompose(done -> deleteExtents(extents));
    }

    private CompletableFuture<Boolean> deleteChunks(ExtentId id) {
        return client.kv()
                .get(
                        keys.chunks(id),
                        GetOptions.DEFAULT.withLimit(CHUNKS_AT_ONCE).withKeysOnly(true))
                .thenCompose(found -> {
                    List<KeyValue> chunks = found.kvs();
                    if (chunks.isEmpty()) {
                        return CompletableFuture.completedFuture(true);
                    }
                    Bytes last = chunks.get(chunks.size() - 1).key();
                    return client.kv()
                            .delete(KeyRange.between(chunks.get(0).key(), last.plus("\0")))
                            .thenCompose(
                                    done -> found.more() ? deleteChunks(id) : CompletableFuture.completedFuture(true));
                });
    }
}
