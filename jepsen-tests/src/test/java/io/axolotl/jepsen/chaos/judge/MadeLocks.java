package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.judge.MadeHistory.Asked;
import io.axolotl.jepsen.chaos.judge.MadeHistory.Reply;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A true history of locks: each is a key on a lease that is renewed, released or left to run out, and whoever comes while it is there
 * waits. Who held once goes on writing under its fence for a while, whether it still holds or not.
 */
final class MadeLocks {
    private static final long STEP_NANOS = 20_000_000;
    private static final long TTL_SECONDS = 1;
    private static final long TTL_STEPS = TTL_SECONDS * 1_000_000_000 / STEP_NANOS;
    private static final int LOCKS = 2;
    private static final int CLIENTS = 8;
    private static final int MOST_AWAKE = 4;

    private record Hold(String lock, long token) {
        String key() {
            return keyOf(lock);
        }
    }

    /** Whoever was told that it holds and has not let go. */
    private final List<Hold> awake = new ArrayList<>();

    private final Map<String, Hold> holders = new HashMap<>();
    /** By lock, when the lease of its holder runs out, in steps. */
    private final Map<String, Long> ends = new HashMap<>();

    private long values;

    private MadeLocks() {}

    static List<Call> calls(long seed, int count) {
        MadeLocks locks = new MadeLocks();
        MadeHistory history = MadeHistory.of(seed, count, CLIENTS, 12, locks::next);
        for (int lock = 0; lock < LOCKS; lock++) {
            history.then(new Asked(CounterJudge.FINAL, Ask.of(Action.list(LockJudge.fenced("lock" + lock)))));
        }
        return history.calls().stream().map(MadeLocks::inNanos).toList();
    }

    private static String keyOf(String lock) {
        return lock + "/holder";
    }

    private Asked next(ModelStore store, SplittableRandom random) {
        if (awake.isEmpty() || random.nextInt(6) == 0) {
            return acquire("lock" + random.nextInt(LOCKS), store.now() * STEP_NANOS);
        }
        Hold hold = awake.get(random.nextInt(awake.size()));
        return switch (random.nextInt(8)) {
            case 0 -> release(hold);
            case 1, 2 -> renew(hold);
            default -> write(hold);
        };
    }

    /** @param now before its lease was asked for */
    private Asked acquire(String lock, long now) {
        JsonObject input = new JsonObject();
        input.addProperty("lock", lock);
        return new Asked("acquire", input, false, store -> {
            runOut(store, lock);
            if (holders.containsKey(lock)) {
                return null;
            }
            Hold hold = new Hold(
                    lock, store.execute(Ask.of(Action.put(keyOf(lock), "x"))).revision());
            holders.put(lock, hold);
            ends.put(lock, store.now() + TTL_STEPS);
            awake.add(hold);
            if (awake.size() > MOST_AWAKE) {
                // It is not heard of any more, and its lease runs out.
                awake.remove(0);
            }
            JsonObject output = new JsonObject();
            output.addProperty("token", hold.token);
            output.addProperty("key", hold.key());
            output.addProperty("granted", now);
            output.addProperty("ttl", TTL_SECONDS);
            return Reply.done(output);
        });
    }

    private Asked renew(Hold hold) {
        return new Asked("renew", about(hold), false, store -> {
            runOut(store, hold.lock);
            boolean isHeld = hold.equals(holders.get(hold.lock));
            if (isHeld) {
                ends.put(hold.lock, store.now() + TTL_STEPS);
            }
            JsonObject output = new JsonObject();
            output.addProperty("ttl", isHeld ? TTL_SECONDS : 0);
            return Reply.done(output);
        });
    }

    private Asked release(Hold hold) {
        awake.remove(hold);
        return new Asked("release", about(hold), false, store -> {
            if (hold.equals(holders.get(hold.lock))) {
                letGo(store, hold);
            }
            return Reply.done(new JsonObject());
        });
    }

    private Asked write(Hold hold) {
        Ask ask = Ask.of(Action.put(LockJudge.fenced(hold.lock), hold.token + "/" + ++values))
                .when(new Guard(hold.key(), hold.token));
        return new Asked("fenced", ask.toJson(), false, store -> {
            runOut(store, hold.lock);
            return Reply.done(store.execute(ask).toJson());
        });
    }

    private static JsonObject about(Hold hold) {
        JsonObject json = new JsonObject();
        json.addProperty("lock", hold.lock);
        json.addProperty("token", hold.token);
        return json;
    }

    /** A lease ends when its time is over, or later: when somebody looks. */
    private void runOut(ModelStore store, String lock) {
        Hold holder = holders.get(lock);
        if (holder != null && ends.getOrDefault(lock, 0L) < store.now()) {
            letGo(store, holder);
        }
    }

    private void letGo(ModelStore store, Hold holder) {
        holders.remove(holder.lock);
        var unused = store.execute(Ask.of(Action.delete(holder.key())));
    }

    private static Call inNanos(Call call) {
        return new Call(
                call.id(),
                call.client(),
                call.endpoint(),
                call.kind(),
                call.input(),
                call.output(),
                call.outcome(),
                call.error(),
                call.invokedNanos() * STEP_NANOS,
                call.returnedNanos() * STEP_NANOS);
    }
}
