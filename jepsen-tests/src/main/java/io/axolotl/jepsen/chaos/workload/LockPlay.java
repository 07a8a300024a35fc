package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.ElectedResult;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.LeaseGrantResult;
import io.axolotl.client.LockResult;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.judge.LockJudge;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Holders of locks and winners of elections, on leases that they renew themselves, who write what the lock protects under the guard of
 * their key. Some sleep for longer than their lease lives, and write again as if nothing had happened.
 */
final class LockPlay implements Crowd.Play {
    private static final int LOCKS = 6;
    private static final int ELECTIONS = 6;

    /** One write in so many is made after a sleep. */
    private static final int SLEEP_EVERY = 40;

    private static final long TTL_SECONDS = 2;
    private static final int MOST_WRITES = 5;
    private static final long SLICE_NANOS = 20_000_000;

    private final Keys keys = new Keys("lock");
    private volatile boolean isEnding;

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        int number = chance.nextInt(LOCKS + ELECTIONS);
        boolean isLock = number < LOCKS;
        String name = keys.key(isLock ? "lock-" : "election-", number);
        AxolotlClient client = lane.client();
        long since = lane.history().now();
        LeaseGrantResult lease = Attempt.of(client.leases().grant(TTL_SECONDS)).answer();
        if (lease == null) {
            return;
        }
        try {
            if (!isEnding) {
                hold(lane, name, isLock, lease, since, chance);
            }
        } finally {
            // If it stays it runs out.
            var unused = Attempt.of(client.leases().revoke(lease.id()));
        }
    }

    /** @param since before the lease was asked for */
    private void hold(
            Lane lane, String name, boolean isLock, LeaseGrantResult granted, long since, SplittableRandom chance) {
        long lease = granted.id();
        JsonObject input = new JsonObject();
        input.addProperty("lock", name);
        long invoked = lane.history().now();
        Held held;
        try {
            held = isLock ? lock(lane.client(), name, lease) : campaign(lane.client(), name, lease);
        } catch (AxolotlException e) {
            add(lane, "acquire", input, KvCall.nothing(), Outcome.UNKNOWN, e.code() + ": " + e.getMessage(), invoked);
            return;
        }
        if (held == null) {
            add(lane, "acquire", input, KvCall.nothing(), Outcome.UNKNOWN, "lost as soon as it was acquired", invoked);
            return;
        }
        JsonObject output = new JsonObject();
        output.addProperty("token", held.token);
        output.addProperty("key", held.key);
        output.addProperty("granted", since);
        output.addProperty("ttl", granted.ttlSeconds());
        add(lane, "acquire", input, output, Outcome.DONE, "", invoked);
        int writes = 1 + chance.nextInt(MOST_WRITES);
        for (int i = 0; i < writes; i++) {
            Ask ask = Ask.of(Action.put(LockJudge.fenced(name), held.token + "/" + keys.value()))
                    .when(new Guard(held.key, held.token));
            var unused = lane.ask("fenced", ask);
            if (chance.nextInt(SLEEP_EVERY) == 0) {
                rest(TTL_SECONDS * 1_500_000_000L);
            } else {
                rest(chance.nextInt(2) * SLICE_NANOS);
                renew(lane, name, held, lease);
            }
        }
        JsonObject release = new JsonObject();
        release.addProperty("lock", name);
        release.addProperty("token", held.token);
        add(
                lane,
                "release",
                release,
                new JsonObject(),
                Outcome.DONE,
                "",
                lane.history().now());
    }

    private static void renew(Lane lane, String name, Held held, long lease) {
        JsonObject input = new JsonObject();
        input.addProperty("lock", name);
        input.addProperty("token", held.token);
        Call unused = lane.call("renew", input, () -> lane.client().leases().keepAliveOnce(lease), result -> {
            JsonObject output = new JsonObject();
            output.addProperty("ttl", result.ttlSeconds());
            return output;
        });
    }

    private record Held(String key, long token) {}

    private static @Nullable Held lock(AxolotlClient client, String name, long lease) {
        LockResult locked = client.coordination().lock(Bytes.of(name), lease).await();
        GetResult found = client.kv().get(KeyRange.single(locked.key())).await();
        return found.first()
                .map(kv -> new Held(locked.key().utf8(), kv.createRevision()))
                .orElse(null);
    }

    private static Held campaign(AxolotlClient client, String name, long lease) {
        ElectedResult elected = client.coordination()
                .campaign(Bytes.of(name), lease, Bytes.of("x"))
                .await();
        return new Held(elected.key().utf8(), elected.createRevision());
    }

    /** In slices: a run that ends does not wait for who sleeps. */
    private void rest(long nanos) {
        long end = System.nanoTime() + nanos;
        while (!isEnding && System.nanoTime() < end) {
            LockSupport.parkNanos(Math.min(SLICE_NANOS, end - System.nanoTime()));
        }
    }

    private static void add(
            Lane lane, String kind, JsonObject input, JsonObject output, Outcome outcome, String error, long invoked) {
        Call unused = lane.history()
                .add(
                        lane.number(),
                        lane.endpoint(),
                        kind,
                        input,
                        output,
                        outcome,
                        error,
                        invoked,
                        lane.history().now());
    }

    /** Who waits in a row waits for the leases before it: none of them is renewed any more. */
    @Override
    public void end(Crowd crowd) {
        isEnding = true;
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        for (int number = 0; number < LOCKS + ELECTIONS; number++) {
            String name = keys.key(number < LOCKS ? "lock-" : "election-", number);
            KeyTurns.listAtTheEnd(lane, crowd, LockJudge.fenced(name));
        }
    }
}
