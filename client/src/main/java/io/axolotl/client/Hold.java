package io.axolotl.client;

import java.time.Duration;

/**
 * A lock or a leadership that is held, on a lease of its own that is renewed meanwhile.
 *
 * <p>A process can be paused for longer than its lease lives, and then go on as if nothing had happened. So have whatever is
 * protected look at the {@link #token}, which grows with every holder: writes to this cluster by {@link #guard} in their
 * transaction, other stores by refusing a token below the highest that they have seen.
 *
 * <p>Safe for all threads.
 */
public final class Hold implements AutoCloseable {
    private final Bytes key;
    private final long token;
    private final KeptLease lease;

    Hold(Bytes key, long token, KeptLease lease) {
        this.key = key;
        this.token = token;
        this.lease = lease;
    }

    /** Exists as long as it is held. */
    public Bytes key() {
        return key;
    }

    /** The fencing token: the revision at which the key was created, larger than that of every holder before. */
    public long token() {
        return token;
    }

    public KeptLease lease() {
        return lease;
    }

    /** For how long it is certainly held; zero once it may be somebody else's. */
    public Duration left() {
        return lease.left();
    }

    /** Holds in a transaction as long as this is held: what it guards is not applied any more after that. */
    public Compare guard() {
        return Compare.createRevision(key).equalTo(token);
    }

    /** Lets go, without waiting for it. Calling it again does nothing. */
    @Override
    public void close() {
        lease.close();
    }
}
