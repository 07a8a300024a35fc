package io.axolotl.client;

/**
 * Reads and writes of keys. Reads are linearizable unless their options say otherwise. Every call returns at once; use the
 * result as a future, or wait for it with {@link Pending#await}. Keys and values given as text travel as UTF-8. Safe for all
 * threads.
 */
public final class Kv {
    private final CallRunner runner;

    Kv(CallRunner runner) {
        this.runner = runner;
    }

    public Pending<PutResult> put(String key, String value) {
        return put(Bytes.of(key), Bytes.of(value));
    }

    public Pending<PutResult> put(Bytes key, Bytes value) {
        return put(key, value, PutOptions.DEFAULT);
    }

    public Pending<PutResult> put(Bytes key, Bytes value, PutOptions options) {
        return runner.run(Calls.PUT, Wire.put(key, value, options));
    }

    public Pending<GetResult> get(String key) {
        return get(Bytes.of(key));
    }

    public Pending<GetResult> get(Bytes key) {
        return get(KeyRange.single(key));
    }

    public Pending<GetResult> get(KeyRange range) {
        return get(range, GetOptions.DEFAULT);
    }

    public Pending<GetResult> get(KeyRange range, GetOptions options) {
        return runner.read(Calls.GET, Wire.range(range, options));
    }

    public Pending<DeleteResult> delete(String key) {
        return delete(KeyRange.single(Bytes.of(key)));
    }

    public Pending<DeleteResult> delete(KeyRange range) {
        return delete(range, DeleteOptions.DEFAULT);
    }

    public Pending<DeleteResult> delete(KeyRange range, DeleteOptions options) {
        return runner.run(Calls.DELETE, Wire.delete(range, options));
    }

    /** Begins a transaction. */
    public Txn txn() {
        return new Txn(txn ->
                txn.isRead() ? runner.read(Calls.READ_TXN, Wire.txn(txn)) : runner.run(Calls.TXN, Wire.txn(txn)));
    }

    /** Forgets history below a revision (CP-2); the space is freed in the background. */
    public Pending<CompactResult> compact(long revision) {
        return compact(revision, false);
    }

    /**
     * Forgets history below a revision.
     *
     * @param physical answer only when the old data is gone from the store (CP-3)
     */
    public Pending<CompactResult> compact(long revision, boolean physical) {
        return runner.run(Calls.COMPACT, Wire.compact(revision, physical));
    }
}
