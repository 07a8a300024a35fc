package io.axolotl.client;

/**
 * How to read. Immutable.
 *
 * @param limit most keys to return; 0 is no limit
 * @param revision the revision to read at; 0 is the latest
 * @param order NONE is the order of keys; with another target the limit then cuts before the sort (RG-7)
 * @param serializable read what one member has, possibly old, without asking a quorum (RG-10)
 * @param keysOnly leave the values out
 * @param countOnly return the count alone
 */
public record GetOptions(
        long limit,
        long revision,
        SortTarget target,
        SortOrder order,
        boolean serializable,
        boolean keysOnly,
        boolean countOnly,
        Filter filter) {
    /** What a read sorts by. */
    public enum SortTarget {
        KEY,
        VERSION,
        CREATE,
        MOD,
        VALUE
    }

    /** Which way a read sorts. */
    public enum SortOrder {
        NONE,
        ASCEND,
        DESCEND
    }

    /** Bounds, inclusive, on the revisions of the keys that are returned; 0 leaves a bound open (RG-8). */
    public record Filter(long minModRevision, long maxModRevision, long minCreateRevision, long maxCreateRevision) {
        public static final Filter OFF = new Filter(0, 0, 0, 0);
    }

    /** Linearizable, at the latest revision, everything. */
    public static final GetOptions DEFAULT =
            new GetOptions(0, 0, SortTarget.KEY, SortOrder.NONE, false, false, false, Filter.OFF);

    public GetOptions withLimit(long keys) {
        return new GetOptions(keys, revision, target, order, serializable, keysOnly, countOnly, filter);
    }

    public GetOptions withRevision(long at) {
        return new GetOptions(limit, at, target, order, serializable, keysOnly, countOnly, filter);
    }

    public GetOptions withSort(SortTarget by, SortOrder way) {
        return new GetOptions(limit, revision, by, way, serializable, keysOnly, countOnly, filter);
    }

    public GetOptions withSerializable(boolean wanted) {
        return new GetOptions(limit, revision, target, order, wanted, keysOnly, countOnly, filter);
    }

    public GetOptions withKeysOnly(boolean wanted) {
        return new GetOptions(limit, revision, target, order, serializable, wanted, countOnly, filter);
    }

    public GetOptions withCountOnly(boolean wanted) {
        return new GetOptions(limit, revision, target, order, serializable, keysOnly, wanted, filter);
    }

    public GetOptions withFilter(Filter wanted) {
        return new GetOptions(limit, revision, target, order, serializable, keysOnly, countOnly, wanted);
    }
}
