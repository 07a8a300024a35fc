package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.PutOptions;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.judge.LeaseJudge;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Leases that are granted, renewed for a while by whoever comes along, left to run out or revoked, and looks at them and at their
 * keys through every member.
 */
final class LeasePlay implements Crowd.Play {
    private static final int MOST = 24;
    private static final int SHORTEST_TTL_SECONDS = 2;
    private static final int TTLS = 3;
    private static final long LONGEST_TTL_SECONDS = SHORTEST_TTL_SECONDS + TTLS - 1;

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
    /** When the first last list was asked for; null before that. */
    private volatile @Nullable Long endedNanos;

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
            revoke(lane, lease);
        } else if (drawn < 5) {
            lease.isKept = false;
        } else if (drawn < 55) {
            if (lease.isKept) {
                keepAlive(lane, lease);
            }
        } else if (drawn < 85) {
            look(lane, lease);
        } else {
            time(lane, lease);
        }
    }

    private static JsonObject of(Lease lease) {
        JsonObject json = new JsonObject();
        json.addProperty("lease", lease.id);
        return json;
    }

    private static JsonObject withKey(Lease lease) {
        JsonObject json = of(lease);
        json.addProperty("key", lease.key);
        return json;
    }

    private void grant(Lane lane, long ttlSeconds) {
        JsonObject input = new JsonObject();
        input.addProperty("ttl", ttlSeconds);
        Call granted = lane.call("grant", input, () -> lane.client().leases().grant(ttlSeconds), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("lease", result.id());
            output.addProperty("ttl", result.ttlSeconds());
            return output;
        });
        if (!granted.isDone()) {
            return;
        }
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

    private static void keepAlive(Lane lane, Lease lease) {
        Call unused =
                lane.call("keepalive", of(lease), () -> lane.client().leases().keepAliveOnce(lease.id), result -> {
                    JsonObject output = new JsonObject();
                    output.addProperty("ttl", result.ttlSeconds());
                    return output;
                });
        lease.renewedNanos = Math.max(lease.renewedNanos, lane.history().now());
    }

    private static void revoke(Lane lane, Lease lease) {
        Call unused = lane.call(
                "revoke", of(lease), () -> lane.client().leases().revoke(lease.id), result -> new JsonObject());
    }

    private static void time(Lane lane, Lease lease) {
        Call unused = lane.call("ttl", of(lease), () -> lane.client().leases().timeToLive(lease.id, false), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("ttl", result.ttlSeconds());
            output.addProperty("granted", result.grantedTtlSeconds());
            return output;
        });
    }

    private static void look(Lane lane, Lease lease) {
        Call unused = lane.call("look", withKey(lease), () -> lane.client().kv().get(lease.key), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("revision", result.header().revision());
            output.addProperty("there", !result.kvs().isEmpty());
            return output;
        });
    }

    /** Waits for all keys to go, and writes down what is left of them. The time that they have is one for all members. */
    @Override
    public void finish(Lane lane, Crowd crowd) {
        Long ended = endedNanos;
        if (ended == null) {
            ended = System.nanoTime();
            endedNanos = ended;
        }
        long end = ended + LOOKED_AT_TTLS * LONGEST_TTL_SECONDS * 1_000_000_000L + END_GRACE_NANOS;
        KeyRange all = KeyRange.prefix(keys.prefix());
        while (System.nanoTime() < end && !isEmpty(lane, all)) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        JsonObject input = new JsonObject();
        input.addProperty("prefix", keys.prefix());
        crowd.insist(
                "the last list of leased keys",
                () -> lane.call(
                                LeaseJudge.LAST_LIST,
                                input,
                                () -> lane.client().kv().get(all),
                                result -> {
                                    JsonArray left = new JsonArray();
                                    result.kvs().forEach(kv -> left.add(kv.key().utf8()));
                                    JsonObject output = new JsonObject();
                                    output.addProperty(
                                            "revision", result.header().revision());
                                    output.add("keys", left);
                                    return output;
                                })
                        .isDone());
    }

    private static boolean isEmpty(Lane lane, KeyRange all) {
        GetResult found = Attempt.of(lane.client().kv().get(all)).answer();
        return found != null && found.kvs().isEmpty();
    }
}
