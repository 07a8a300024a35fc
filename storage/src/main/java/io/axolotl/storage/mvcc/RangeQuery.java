package io.axolotl.storage.mvcc;

/**
 * A range read with etcd's meanings (RG-1 to RG-9).
 *
 * <p>Immutable by convention: the arrays are shared.
 *
 * @param key first key; never empty
 * @param rangeEnd empty: just {@code key}; one zero byte: everything from {@code key} on; else the end, exclusive
 * @param limit most keys to return, 0 for no limit
 * @param revision read as of this revision; 0 or less for the latest
 * @param minModRevision and the other three: filters, 0 for off
 */
public record RangeQuery(
        byte[] key,
        byte[] rangeEnd,
        long limit,
        long revision,
        SortOrder sortOrder,
        SortTarget sortTarget,
        boolean isKeysOnly,
        boolean isCountOnly,
        long minModRevision,
        long maxModRevision,
        long minCreateRevision,
        long maxCreateRevision) {

    public enum SortOrder {
        NONE,
        ASCEND,
        DESCEND
    }

    public enum SortTarget {
        KEY,
        VERSION,
        CREATE,
        MOD,
        VALUE
    }

    /** The latest version of one key. */
    public static RangeQuery ofKey(byte[] key) {
        return ofRange(key, new byte[0]);
    }

    /** All latest versions in a range, in key order. */
    public static RangeQuery ofRange(byte[] key, byte[] rangeEnd) {
        return new RangeQuery(key, rangeEnd, 0, 0, SortOrder.NONE, SortTarget.KEY, false, false, 0, 0, 0, 0);
    }
}
