package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import java.util.SplittableRandom;

/** The calls on one key that several workloads make. Stateless. */
final class KeyTurns {
    /** How far behind the newest revision history is forgotten at the closest. */
    private static final long KEPT_REVISIONS = 300;

    private KeyTurns() {}

    static void read(Lane lane, Keys keys, String key, boolean isSerializable) {
        lane.ask("read", Ask.of(Action.read(key)).serializable(isSerializable)).ifPresent(answer -> {
            if (!isSerializable) {
                note(keys, key, answer);
            }
        });
    }

    static void put(Lane lane, Keys keys, String key) {
        lane.ask("put", Ask.of(Action.put(key, keys.value()))).ifPresent(answer -> keys.seen(key, answer.revision()));
    }

    static void swap(Lane lane, Keys keys, String key) {
        lane.ask("swap", Ask.of(Action.swap(key, keys.value()))).ifPresent(answer -> keys.seen(key, answer.revision()));
    }

    static void delete(Lane lane, Keys keys, String key) {
        lane.ask("delete", Ask.of(Action.delete(key))).ifPresent(answer -> keys.seen(key, 0));
    }

    /** A put if the key is as somebody has last seen it; else a read. */
    static void compareAndSet(Lane lane, Keys keys, String key) {
        Ask ask = Ask.of(Action.put(key, keys.value()))
                .when(new Guard(key, keys.guess(key)))
                .otherwise(Action.read(key));
        lane.ask("cas", ask).ifPresent(answer -> {
            if (answer.succeeded()) {
                keys.seen(key, answer.revision());
            } else {
                note(keys, key, answer);
            }
        });
    }

    private static void note(Keys keys, String key, Answer answer) {
        keys.seen(
                key,
                answer.results().get(0).rows().stream()
                        .mapToLong(row -> row.mod())
                        .findFirst()
                        .orElse(0));
    }

    /** Any of these, and now and then a compaction. */
    static void any(Lane lane, Keys keys, String key, SplittableRandom chance) {
        int drawn = chance.nextInt(200);
        if (drawn < 80) {
            read(lane, keys, key, false);
        } else if (drawn < 90) {
            read(lane, keys, key, true);
        } else if (drawn < 130) {
            put(lane, keys, key);
        } else if (drawn < 150) {
            swap(lane, keys, key);
        } else if (drawn < 180) {
            compareAndSet(lane, keys, key);
        } else if (drawn < 199) {
            delete(lane, keys, key);
        } else {
            compact(lane, chance);
        }
    }

    /** Mostly what is long past, now and then what somebody may still be at. */
    static void compact(Lane lane, SplittableRandom chance) {
        if (chance.nextInt(10) == 0) {
            lane.compactBehind(KEPT_REVISIONS);
        } else {
            lane.compactOld();
        }
    }

    /** All keys with a prefix, as a member has them at the end, with and without a majority. */
    static void listAtTheEnd(Lane lane, Crowd crowd, String prefix) {
        Ask list = Ask.of(Action.list(prefix));
        crowd.insist("the last read of " + prefix, () -> lane.ask("final", list).isPresent());
        lane.ask("final-serializable", list.serializable(true));
    }
}
