package io.axolotl.client;

import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Leases: keys that are put with one are deleted when it is revoked or runs out (contract B.8). Give it to a put by {@link
 * PutOptions#lease}.
 *
 * <p>Safe for all threads.
 */
public final class Leases {
    private final CallRunner runner;
    private final ScheduledExecutorService timer;

    Leases(CallRunner runner, ScheduledExecutorService timer) {
        this.runner = runner;
        this.timer = timer;
    }

    /**
     * Grants a lease and renews it until it is closed or lost.
     *
     * @param listener hears of danger early, and of the loss
     */
    public Pending<KeptLease> keep(long ttlSeconds, KeptLease.Listener listener) {
        Pending<KeptLease> kept = runner.pending("leaseKeep", Effect.WRITE);
        long sinceNanos = System.nanoTime();
        var unused = grant(ttlSeconds).whenComplete((granted, failure) -> {
            if (granted == null) {
                kept.completeExceptionally(failure);
                return;
            }
            KeptLease lease = new KeptLease(
                    granted.id(),
                    granted.ttlSeconds(),
                    sinceNanos,
                    this::keepAliveOnce,
                    id -> {
                        // Whatever comes of it: nobody renews the lease any more.
                        var unusedRevoke = revoke(id);
                    },
                    listener,
                    System::nanoTime);
            if (kept.complete(lease)) {
                lease.keepBy(timer);
            } else {
                lease.close();
            }
        });
        return kept;
    }

    /**
     * Grants a lease whose id the server chooses. If the outcome is unknown there may be a lease that nobody knows, until it
     * runs out.
     *
     * @param ttlSeconds the server may grant more
     */
    public Pending<LeaseGrantResult> grant(long ttlSeconds) {
        return grant(ttlSeconds, 0);
    }

    /** @param id any number that is no lease yet; 0 has the server choose one */
    public Pending<LeaseGrantResult> grant(long ttlSeconds, long id) {
        return runner.run(
                Calls.LEASE_GRANT,
                LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).setID(id).build());
    }

    /** Ends a lease, and deletes its keys in one revision (LE-3). */
    public Pending<LeaseRevokeResult> revoke(long id) {
        return runner.run(
                Calls.LEASE_REVOKE, LeaseRevokeRequest.newBuilder().setID(id).build());
    }

    /** Gives a lease its whole TTL again (LE-2). Repeated by itself where that may help, for twice is as good as once. */
    public Pending<LeaseKeepAliveResult> keepAliveOnce(long id) {
        return runner.run(
                Calls.LEASE_KEEP_ALIVE,
                LeaseKeepAliveRequest.newBuilder().setID(id).build());
    }

    /** What is left of a lease (LE-4). */
    public Pending<LeaseTimeToLiveResult> timeToLive(long id, boolean keys) {
        return runner.run(
                Calls.LEASE_TIME_TO_LIVE,
                LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(keys).build());
    }

    /** All leases that one member knows (LE-5). */
    public Pending<LeasesResult> list() {
        return runner.run(Calls.LEASE_LEASES, LeaseLeasesRequest.getDefaultInstance());
    }
}
