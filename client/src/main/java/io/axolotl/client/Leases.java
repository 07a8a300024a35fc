package io.axolotl.client;

import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases: keys that are put with one are deleted when it is revoked or runs out (contract B.8). Give it to a put by {@link
 * PutOptions#lease}.
 *
 * <p>Safe for all threads.
 */
public final class Leases {
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final CallRunner runner;
    private final ScheduledExecutorService timer;

    /** Those that are kept. */
    private final Set<KeptLease> looked = ConcurrentHashMap.newKeySet();

    private volatile boolean isClosed;

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
            if (!kept.complete(lease)) {
                lease.close();
                return;
            }
            looked.add(lease);
            lookLater(lease);
            if (isClosed) {
                // Nobody looks any more: what was to be run later is forgotten when the client closes.
                end(lease);
            }
        });
        return kept;
    }

    private void lookLater(KeptLease lease) {
        try {
            var unused = timer.schedule(() -> lookAndGoOn(lease), lease.lookNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            end(lease);
        }
    }

    private void lookAndGoOn(KeptLease lease) {
        try {
            lease.look();
        } catch (RuntimeException e) {
            LOG.error("the renewal of lease {} has failed; it is tried again", Long.toHexString(lease.id()), e);
        } finally {
            if (lease.isOver()) {
                looked.remove(lease);
            } else {
                lookLater(lease);
            }
        }
    }

    private void end(KeptLease lease) {
        looked.remove(lease);
        lease.clientClosed();
    }

    /** Leases that are kept are lost with the client. */
    void close() {
        isClosed = true;
        looked.forEach(this::end);
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
