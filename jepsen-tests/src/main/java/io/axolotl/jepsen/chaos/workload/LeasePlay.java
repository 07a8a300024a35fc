package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.client.PutOptions;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.judge.LeaseJudge;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Leases that are granted, renewed for a while by whoever comes along, left to run out or revoked, and looks at them and at their
 * keys through every member.
 */
final class LeasePlay implements Crowd.Play {
    private static final int MOST = 24;
    private static final int SHORTEST_TTL_SECONDS = 2;
    private static final int TTLS = 3;

    /** How many whole times after its last renewal nobody looks at a lease any more. */
    private static final int LOOKED_AT_TTLS = 3;

    /** After leaders have changed and lags have been made up for. */
    private static final long END_GRACE_NANOS = 10_000_000_000L;

    private static final long PAUSE_NANOS = 100_000_000;

    private static final class Lease {
        final long id;
        final long ttlSeconds;
        final String key;
        volatile long renewedNanos;
        volatile boolean isKept = true;

        Lease(long id, long ttlSeconds, String key, long renewedNanos) {
            this.id = id;
            this.ttlSeconds = ttlSeconds;
            this.key = key;
            this.renewedNanos = renewedNanos;
        }
    }

    private final Keys keys = new Keys("lease");
    private final List<Lease> leases = new CopyOnWriteArrayList<>();
    /** Of any lease, also of those that nobody looks at any more. */
    private final AtomicLong newestRenewalNanos = new AtomicLong();

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        long now = lane.history().now();
        leases.removeIf(lease -> now - lease.renewedNanos > LOOKED_AT_TTLS * lease.ttlSeconds * 1_000_000_000L);
        List<Lease> live = List.copyOf(leases);
        if (live.isEmpty() || (live.size() < MOST && chance.nextInt(5) == 0)) {
            grant(lane, SHORTEST_TTL_SECONDS + chance.nextInt(TTLS));
            return;
        }
        Lease lease = live.get(chance.nextInt(live.size()));
        int drawn = chance.nextInt(100);
        if (drawn < 2) {
            Call unused = LeaseCalls.revoke(lane, lease.id);
        } else if (drawn < 5) {
            lease.isKept = false;
        } else if (drawn < 55) {
            if (lease.isKept) {
                keepAlive(lane, lease);
            }
        } else if (drawn < 85) {
            boolean unused = isThere(lane, lease, "look");
        } else {
            time(lane, lease);
        }
    }

    private static JsonObject withKey(Lease lease) {
        JsonObject json = LeaseCalls.of(lease.id);
        json.addProperty("key", lease.key);
        return json;
    }

    private void grant(Lane lane, long ttlSeconds) {
        Call granted = LeaseCalls.grant(lane, ttlSeconds);
        if (!granted.isDone()) {
            return;
        }
        newestRenewalNanos.accumulateAndGet(granted.returnedNanos(), Math::max);
        Lease lease = new Lease(
                granted.output().get("lease").getAsLong(),
                granted.output().get("ttl").getAsLong(),
                keys.key("k", keys.next()),
                granted.returnedNanos());
        Call attached = lane.call(
                "attach",
                withKey(lease),
                () -> lane.client()
                        .kv()
                        .put(Bytes.of(lease.key), Bytes.of("x"), PutOptions.DEFAULT.withLease(lease.id)),
                result -> {
                    JsonObject output = new JsonObject();
                    output.addProperty("revision", result.header().revision());
                    return output;
                });
        if (attached.isDone()) {
            leases.add(lease);
        }
    }

    private void keepAlive(Lane lane, Lease lease) {
        Call unused = LeaseCalls.keepAlive(lane, lease.id);
        lease.renewedNanos = Math.max(lease.renewedNanos, lane.history().now());
        newestRenewalNanos.accumulateAndGet(lease.renewedNanos, Math::max);
    }

    private static void time(Lane lane, Lease lease) {
        Call unused = lane.call(
                "ttl", LeaseCalls.of(lease.id), () -> lane.client().leases().timeToLive(lease.id, false), result -> {
                    JsonObject output = new JsonObject();
                    output.addProperty("ttl", result.ttlSeconds());
                    output.addProperty("granted", result.grantedTtlSeconds());
                    return output;
                });
    }

    /** True also if nobody answers. */
    private static boolean isThere(Lane lane, Lease lease, String kind) {
        Call look = lane.call(kind, withKey(lease), () -> lane.client().kv().get(lease.key), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("revision", result.header().revision());
            output.addProperty("there", !result.kvs().isEmpty());
            return output;
        });
        return !look.isDone() || look.output().get("there").getAsBoolean();
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        for (Lease lease : new ArrayList<>(leases)) {
            long end = lane.history().now() + LOOKED_AT_TTLS * lease.ttlSeconds * 1_000_000_000L + END_GRACE_NANOS;
            boolean isThere = isThere(lane, lease, "look");
            while (isThere && lane.history().now() < end) {
                LockSupport.parkNanos(PAUSE_NANOS);
                isThere = isThere(lane, lease, "look");
            }
            boolean unused = isThere(lane, lease, "last-look");
        }
        long longest = SHORTEST_TTL_SECONDS + TTLS - 1;
        long end = newestRenewalNanos.get() + LOOKED_AT_TTLS * longest * 1_000_000_000L + END_GRACE_NANOS;
        while (lane.history().now() < end && isAnyLeft(lane)) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        crowd.insist(
                "the last list of the keys of leases",
                () -> list(lane, LeaseJudge.LAST_LIST).isDone());
    }

    private boolean isAnyLeft(Lane lane) {
        Call list = list(lane, "list");
        return !list.isDone() || !list.output().getAsJsonArray("keys").isEmpty();
    }

    /** The keys of all leases of the run that are there. */
    private Call list(Lane lane, String kind) {
        JsonObject input = new JsonObject();
        input.addProperty("prefix", keys.prefix());
        return lane.call(
                kind, input, () -> lane.client().kv().get(KeyRange.prefix(Bytes.of(keys.prefix()))), result -> {
                    JsonArray found = new JsonArray();
                    result.kvs().forEach(kv -> found.add(kv.key().utf8()));
                    JsonObject output = new JsonObject();
                    output.addProperty("revision", result.header().revision());
                    output.add("keys", found);
                    return output;
                });
    }
}
