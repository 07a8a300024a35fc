package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.KvCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A history as it stood at some moment of it. Stateless. */
final class Prefix {
    private Prefix() {}

    /** What was known at a moment: writes that had not returned were open, reads that had not were nothing yet. */
    static List<KvCall> until(List<KvCall> calls, long moment) {
        List<KvCall> earlier = new ArrayList<>();
        for (KvCall call : calls) {
            if (call.isDone() && call.call().returnedNanos() <= moment) {
                earlier.add(call);
            } else if (call.call().invokedNanos() <= moment && !call.ask().isRead()) {
                earlier.add(call.isDone() ? opened(call) : call);
            }
        }
        return earlier;
    }

    /**
     * The shortest such history of which something holds, if it holds of the whole and never ceases to hold once it does; else
     * the whole.
     */
    static List<KvCall> shortest(List<KvCall> calls, Predicate<List<KvCall>> holds) {
        List<Long> moments = moments(calls);
        int low = 0;
        int high = moments.size() - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (holds.test(until(calls, moments.get(middle)))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        List<KvCall> shorter = moments.isEmpty() ? calls : until(calls, moments.get(low));
        return holds.test(shorter) ? shorter : calls;
    }

    /** The longest such history that begins no more than so many calls. */
    static List<KvCall> ofAtMost(int most, List<KvCall> calls) {
        if (calls.size() <= most) {
            return calls;
        }
        long tooLate = calls.stream()
                .map(call -> call.call().invokedNanos())
                .sorted()
                .skip(most)
                .findFirst()
                .orElse(Long.MAX_VALUE);
        return until(calls, tooLate - 1);
    }

    private static List<Long> moments(List<KvCall> calls) {
        return calls.stream()
                .filter(KvCall::isDone)
                .map(call -> call.call().returnedNanos())
                .sorted()
                .toList();
    }

    private static KvCall opened(KvCall call) {
        Call was = call.call();
        Call open = new Call(
                was.id(),
                was.client(),
                was.endpoint(),
                was.kind(),
                was.input(),
                KvCall.nothing(),
                Outcome.UNKNOWN,
                "returned later",
                was.invokedNanos(),
                was.returnedNanos());
        return new KvCall(open, call.ask(), null);
    }
}
