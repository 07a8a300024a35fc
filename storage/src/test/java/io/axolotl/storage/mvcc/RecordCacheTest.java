package io.axolotl.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecordCacheTest {
    private static IndexRecord record(long main, int valueBytes) {
        return new IndexRecord(false, main, 0, main, 1, 0, new byte[valueBytes], JumpStack.EMPTY.push(main, 0, 0));
    }

    private static byte[] key(int i) {
        return new byte[] {(byte) (i >> 8), (byte) i};
    }

    @Test
    void staysWithinItsBytesAndForgetsTheOldest() {
        RecordCache cache = new RecordCache(100_000);
        for (int i = 0; i < 10_000; i++) {
            cache.put(key(i), record(i + 1, 100));
            assertThat(cache.bytes()).isLessThanOrEqualTo(100_000);
        }
        assertThat(cache.get(key(0))).isNull();
        assertThat(cache.get(key(9_999)))
                .isNotNull()
                .extracting(IndexRecord::main)
                .isEqualTo(10_000L);
    }

    @Test
    void chargesAReplacedRecordOnce() {
        RecordCache cache = new RecordCache(100_000);
        cache.put(key(1), record(1, 10));
        long one = cache.bytes();
        cache.put(key(1), record(2, 500));
        cache.put(key(1), record(3, 10));
        assertThat(cache.bytes()).isEqualTo(one);
        cache.evict(key(1));
        assertThat(cache.bytes()).isZero();
        cache.evict(key(1));
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void whatWasReadStaysLongerThanWhatWasNot() {
        RecordCache cache = new RecordCache(3 * 400);
        cache.put(key(1), record(1, 10));
        cache.put(key(2), record(2, 10));
        cache.put(key(3), record(3, 10));
        assertThat(cache.get(key(1))).isNotNull();
        cache.put(key(4), record(4, 10));
        assertThat(cache.get(key(1))).isNotNull();
        assertThat(cache.get(key(2))).isNull();
    }
}
