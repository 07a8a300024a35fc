package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lies about who holds a lock, and about what was written under it. */
public enum LockLie implements Lie {
    /** Two were told of one token. */
    ONE_TOKEN_FOR_TWO {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            for (Call one : holds(calls)) {
                holds(calls).stream()
                        .filter(other -> other.id() != one.id() && lockOf(other).equals(lockOf(one)))
                        .forEach(other -> lies.add(telling(other, "token", tokenOf(one))));
            }
            return lies;
        }
    },
    /** Who came later was told of a smaller token. */
    A_SMALLER_TOKEN {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            for (Call one : holds(calls)) {
                holds(calls).stream()
                        .filter(later ->
                                one.isDoneBefore(later) && lockOf(later).equals(lockOf(one)))
                        .forEach(later -> lies.add(telling(later, "token", tokenOf(one) - 1)));
            }
            return lies;
        }
    },
    /** The lease of a holder who had not let go was to live for long, and another was told that it holds. */
    HELD_WHILE_A_LEASE_LIVES {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            for (Call one : holds(calls)) {
                Optional<Call> release = calls.stream()
                        .filter(call -> call.kind().equals("release")
                                && lockOf(call).equals(lockOf(one))
                                && call.input().get("token").getAsLong() == tokenOf(one))
                        .findFirst();
                boolean isOverlapped = holds(calls).stream()
                        .anyMatch(later -> lockOf(later).equals(lockOf(one))
                                && tokenOf(later) > tokenOf(one)
                                && later.returnedNanos() > one.returnedNanos()
                                && release.filter(it -> it.invokedNanos() <= later.returnedNanos())
                                        .isEmpty());
                if (isOverlapped) {
                    lies.add(telling(one, "ttl", 1_000_000));
                }
            }
            return lies;
        }
    },
    /** A write under the fence of a holder was executed when a later one had been told that it holds. */
    WRITTEN_BY_AN_EARLIER_HOLDER {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            for (KvCall write : KvCall.of(calls)) {
                if (!write.call().kind().equals("fenced") || !write.isEffectiveWrite()) {
                    continue;
                }
                Action put = write.puts().get(0);
                List<Call> holds = holds(calls).stream()
                        .filter(hold -> LockJudge.fenced(lockOf(hold)).equals(put.key()))
                        .toList();
                for (Call later : holds) {
                    holds.stream()
                            .filter(earlier -> later.isDoneBefore(write.call()) && tokenOf(earlier) < tokenOf(later))
                            .forEach(earlier -> lies.add(Lie.asked(
                                    write.call(),
                                    Ask.of(Action.put(put.key(), tokenOf(earlier) + "/a lie"))
                                            .when(write.ask().guards().toArray(Guard[]::new))
                                            .toJson())));
                }
            }
            return lies;
        }
    };

    private static List<Call> holds(List<Call> calls) {
        return calls.stream()
                .filter(call -> call.kind().equals("acquire") && call.isDone())
                .toList();
    }

    private static String lockOf(Call call) {
        return call.input().get("lock").getAsString();
    }

    private static long tokenOf(Call hold) {
        return hold.output().get("token").getAsLong();
    }

    private static Call telling(Call hold, String what, long number) {
        JsonObject output = hold.output().deepCopy();
        output.addProperty(what, number);
        return Lie.answered(hold, output);
    }
}
