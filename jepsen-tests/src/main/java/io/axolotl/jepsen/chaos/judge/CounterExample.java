package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.order.LinearizabilitySearch.Found;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes the history of one key that has no order as short as it gets, for people. Each step leaves a history that a correct store
 * can have given to those clients only if it can have given the longer one: what is left proves as much as the whole.
 *
 * <p>Used once; confined to one thread.
 */
final class CounterExample {
    private static final long MAX_STEPS = 200_000;

    private final String key;
    private final List<KvCall> calls;
    private boolean countsVersions = true;

    /** @param calls without an order, in the order of invocation */
    CounterExample(String key, List<KvCall> calls) {
        this.key = key;
        this.calls = calls;
    }

    List<KvCall> shrink() {
        List<KvCall> left = Prefix.shortest(calls, this::isViolated);
        countsVersions = KeysJudge.search(key, left, false, MAX_STEPS) != Found.VIOLATED;
        for (int size = Math.max(1, left.size() / 2); size > 0; size /= 2) {
            boolean isShorter = true;
            while (isShorter) {
                isShorter = false;
                for (int from = 0; from < left.size(); from += size) {
                    int to = Math.min(left.size(), from + size);
                    List<KvCall> candidate = new ArrayList<>(left.subList(0, from));
                    candidate.addAll(left.subList(to, left.size()));
                    if (isFair(left.subList(from, to), candidate) && isViolated(candidate)) {
                        left = candidate;
                        isShorter = true;
                    }
                }
            }
        }
        return left;
    }

    private boolean isViolated(List<KvCall> candidate) {
        return KeysJudge.search(key, candidate, countsVersions, MAX_STEPS) == Found.VIOLATED;
    }

    /**
     * Whether calls may be left out. Reads always may. Writes may where versions do not count, if nobody that is left saw them:
     * neither their value, nor that there was something to delete, nor that a guard failed.
     */
    private boolean isFair(List<KvCall> removed, List<KvCall> candidate) {
        List<Action> puts = new ArrayList<>();
        boolean hasWrites = false;
        for (KvCall call : removed) {
            hasWrites |= !call.isDone() || call.isEffectiveWrite();
            puts.addAll(call.puts());
        }
        if (!hasWrites) {
            return true;
        }
        if (countsVersions) {
            return false;
        }
        KeyFacts facts = new KeyFacts(key, candidate);
        Set<Long> guarded = new HashSet<>();
        for (KvCall call : candidate) {
            for (Guard guard : call.ask().guards()) {
                guarded.add(guard.mod());
            }
            boolean looksAtPresence = call.ask().then().stream().anyMatch(each -> each.kind() == Action.Kind.DELETE)
                    || (call.isDone() && !call.requireAnswer().succeeded())
                    || call.ask().guards().stream().anyMatch(guard -> guard.mod() == 0);
            if (looksAtPresence) {
                return false;
            }
        }
        if (removed.stream()
                .anyMatch(call -> call.ask().then().stream().anyMatch(a -> a.kind() == Action.Kind.DELETE))) {
            return false;
        }
        return puts.stream().noneMatch(put -> put.key().equals(key) && facts.isSeen(put.value()))
                && removed.stream()
                        .noneMatch(call -> call.isDone()
                                && guarded.contains(call.requireAnswer().revision()));
    }
}
