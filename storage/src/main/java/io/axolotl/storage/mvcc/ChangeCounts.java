package io.axolotl.storage.mvcc;

/**
 * How often keys were changed since this store was opened, for metrics: nothing rests on it. Immutable.
 *
 * @param puts of keys, those within transactions too
 * @param putBytes of the keys and values put
 * @param deletes of single keys, however many one command deleted
 */
public record ChangeCounts(long puts, long putBytes, long deletes) {
    static final ChangeCounts NONE = new ChangeCounts(0, 0, 0);

    ChangeCounts plus(long morePuts, long morePutBytes, long moreDeletes) {
        return new ChangeCounts(puts + morePuts, putBytes + morePutBytes, deletes + moreDeletes);
    }
}
