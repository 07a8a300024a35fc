package io.axolotl.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a range read costs: keys that are looked at, and bytes that are held. */
class PagedReadTest {
    private static final int KEYS = 100;
    private static final int VALUE_BYTES = 1000;

    private final KvEngine engine = MemoryEngine.inMemory();
    private final MvccStore store = MvccStore.open(engine, 1 << 20, KEYS, txn -> {});

    PagedReadTest() {
        WriteTxn txn = store.begin();
        for (int i = 0; i < KEYS; i++) {
            txn.beginCommand();
            txn.put(bytes(String.format("k%03d", i)), new byte[VALUE_BYTES], 0);
            txn.endCommand();
        }
        store.commit(txn, new EntryId(1, 1));
    }

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    @Test
    @DisplayName("G-6: a page looks at one key more than its limit, where a range counts all of them (RG-5)")
    void aPageEndsAtItsLimit() {
        try (ReadView view = store.borrowView()) {
            CountingKeyspace keys = new CountingKeyspace(view);
            RangeAnswer.Found page = (RangeAnswer.Found) keys.page(first(10));
            assertThat(keys.looked).isEqualTo(11);
            assertThat(page.more()).isTrue();
            assertThat(page.kvs()).hasSize(10);

            RangeAnswer.Found range = (RangeAnswer.Found) keys.range(first(10));
            assertThat(range.count()).isEqualTo(KEYS);
            assertThat(range.kvs())
                    .extracting(kv -> new String(kv.key(), StandardCharsets.UTF_8))
                    .isEqualTo(page.kvs().stream()
                            .map(kv -> new String(kv.key(), StandardCharsets.UTF_8))
                            .toList());
        }
    }

    @Test
    void aReadEndsAsSoonAsItsMeterHasHadEnough() {
        try (ReadView view = store.borrowView()) {
            CountingKeyspace keys = new CountingKeyspace(view);
            long[] held = {0};
            Keyspace metered = keys.metered(bytes -> {
                held[0] += bytes;
                if (held[0] > 3 * Keyspace.VERSION_BYTES) {
                    throw new TooMuch();
                }
            });
            assertThatThrownBy(() -> metered.range(first(0))).isInstanceOf(TooMuch.class);
            assertThat(keys.looked).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void theMeterHearsOfValuesUnlessTheyAreNotWanted() {
        try (ReadView view = store.borrowView()) {
            assertThat(held(view, first(0))).isGreaterThan(KEYS * VALUE_BYTES);
            RangeQuery all = first(0);
            RangeQuery keysOnly = new RangeQuery(
                    all.key(), all.rangeEnd(), 0, 0, all.sortOrder(), all.sortTarget(), true, false, 0, 0, 0, 0);
            assertThat(held(view, keysOnly)).isBetween((long) KEYS, (long) KEYS * VALUE_BYTES / 2);
        }
    }

    private static long held(ReadView view, RangeQuery query) {
        long[] held = {0};
        view.metered(bytes -> held[0] += bytes).range(query);
        return held[0];
    }

    private static RangeQuery first(long limit) {
        RangeQuery all = RangeQuery.ofRange(bytes("k"), bytes("l"));
        return new RangeQuery(
                all.key(), all.rangeEnd(), limit, 0, all.sortOrder(), all.sortTarget(), false, false, 0, 0, 0, 0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final class TooMuch extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Counts how often a cursor is moved. */
    private static final class CountingKeyspace extends Keyspace {
        private final ReadView view;
        private int looked;

        CountingKeyspace(ReadView view) {
            this.view = view;
        }

        @Override
        public long revision() {
            return view.revision();
        }

        @Override
        public long compactRevision() {
            return view.compactRevision();
        }

        @Override
        @Nullable IndexRecord index(byte[] key) {
            return view.index(key);
        }

        @Override
        @Nullable EventRecord event(Revision revision) {
            return view.event(revision);
        }

        @Override
        IndexCursor indexes(KeyRange range) {
            IndexCursor cursor = view.indexes(range);
            return new IndexCursor() {
                @Override
                public boolean next() {
                    looked++;
                    return cursor.next();
                }

                @Override
                public byte[] key() {
                    return cursor.key();
                }

                @Override
                public boolean isTombstone() {
                    return cursor.isTombstone();
                }

                @Override
                public IndexRecord record() {
                    return cursor.record();
                }

                @Override
                public void close() {
                    cursor.close();
                }
            };
        }
    }
}
