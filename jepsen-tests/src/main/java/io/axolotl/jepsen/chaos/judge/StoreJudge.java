package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.order.LinearizabilitySearch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether the whole store behaves as one that does one transaction at a time in real time and in the order of its revisions, over
 * all keys at once: what {@link KeysJudge} asks of each key, and that transactions and reads of several keys are atomic. Each step
 * holds all keys, so that only the first calls of long histories are judged. Stateless.
 *
 * @param maxCalls how many calls are looked at
 * @param maxSteps bound on search steps
 */
public record StoreJudge(int maxCalls, long maxSteps) implements Judge {
    private static final String NAME = "linearizable store";

    /** Where the search gives up, half of the calls are tried, and so on, but no smaller part than this: it may be violated by itself. */
    private static final int LEAST_PART = 8;

    public StoreJudge() {
        this(20_000, 2_000_000);
    }

    /**
     * All keys.
     *
     * @param taken how many calls of known revision were taken
     */
    private record State(Map<String, KeyState> keys, int taken) {
        static final State EMPTY = new State(Map.of(), 0);
    }

    /**
     * @param parts what the call is for each key that it concerns
     * @param place among the calls of known revision, counting from 0; {@link #NONE} if nobody was told of its revision
     */
    private record Step(KvCall call, List<KeyStep> parts, int twins, int place)
            implements LinearizabilitySearch.Step<State> {
        static final int NONE = -1;

        @Override
        public long invokedAt() {
            return call.call().invokedNanos();
        }

        @Override
        public long returnedAt() {
            return call.isDone() ? call.call().returnedNanos() : NEVER;
        }

        @Override
        public int row() {
            return twins;
        }

        @Override
        public @Nullable State apply(State state) {
            if (place != NONE && place != state.taken) {
                return null;
            }
            Map<String, KeyState> after = new HashMap<>(state.keys);
            for (KeyStep part : parts) {
                KeyState before = state.keys.getOrDefault(part.key(), KeyState.ABSENT);
                KeyState changed = part.apply(before);
                if (changed == null) {
                    return null;
                }
                after.put(part.key(), changed);
            }
            return new State(after, place == NONE ? state.taken : state.taken + 1);
        }
    }

    @Override
    public Verdict judge(List<Call> history) {
        List<KvCall> all = KvCall.of(history).stream()
                .filter(KeysJudge::counts)
                .sorted(Comparator.comparingLong(call -> call.call().invokedNanos()))
                .toList();
        List<KvCall> calls = Prefix.ofAtMost(maxCalls, all);
        int least = calls.size() / LEAST_PART;
        LinearizabilitySearch.Found found = search(calls);
        if (found == LinearizabilitySearch.Found.UNDECIDED) {
            while (found == LinearizabilitySearch.Found.UNDECIDED && calls.size() / 2 > least) {
                calls = Prefix.ofAtMost(calls.size() / 2, all);
                found = search(calls);
            }
            if (found != LinearizabilitySearch.Found.VIOLATED) {
                return undecided(found, calls.size(), all.size());
            }
        }
        Findings findings = new Findings(NAME);
        switch (found) {
            case LINEARIZABLE, UNDECIDED -> {}
            case VIOLATED -> {
                List<KvCall> judged = calls;
                List<KvCall> fewest =
                        Prefix.shortest(judged, shorter -> search(shorter) == LinearizabilitySearch.Found.VIOLATED);
                findings.add(
                        "no order of the first " + fewest.size() + " calls explains what their clients saw; the last of"
                                + " them",
                        fewest.subList(Math.max(0, fewest.size() - 20), fewest.size())
                                .toArray());
            }
        }
        return findings.verdict(
                calls.size(),
                calls.size() + " calls"
                        + (calls.size() < all.size() ? " (the first of " + all.size() + ")" : "")
                        + " have an order that explains them");
    }

    /** Also where a part is in order: what breaks a promise is where a search gives up. */
    private Verdict undecided(LinearizabilitySearch.Found part, int decided, int all) {
        return new Verdict(
                NAME,
                Verdict.Kind.UNDECIDED,
                "the search gave up after " + maxSteps + " steps"
                        + (part == LinearizabilitySearch.Found.LINEARIZABLE
                                ? "; the first " + decided + " of " + all + " calls have an order"
                                : ""),
                List.of());
    }

    private LinearizabilitySearch.Found search(List<KvCall> calls) {
        return LinearizabilitySearch.search(State.EMPTY, steps(calls), maxSteps);
    }

    private static List<Step> steps(List<KvCall> calls) {
        Map<String, List<KvCall>> byKey = KeysJudge.partition(calls);
        IdentityHashMap<KvCall, List<KeyStep>> parts = new IdentityHashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (Map.Entry<String, List<KvCall>> entry : byKey.entrySet()) {
            String key = entry.getKey();
            numbers.put(key, numbers.size());
            KeyFacts facts = new KeyFacts(key, entry.getValue());
            for (KvCall call : entry.getValue()) {
                parts.computeIfAbsent(call, any -> new ArrayList<>()).add(new KeyStep(call, key, facts, true));
            }
        }
        IdentityHashMap<KvCall, Integer> places = places(calls, parts);
        List<Step> steps = new ArrayList<>();
        for (KvCall call : calls) {
            List<KeyStep> mine = parts.getOrDefault(call, List.of());
            int twins = LinearizabilitySearch.Step.SINGLE;
            if (mine.size() == 1 && mine.get(0).row() != LinearizabilitySearch.Step.SINGLE) {
                twins = 2 * numbers.getOrDefault(mine.get(0).key(), 0)
                        + mine.get(0).row();
            }
            steps.add(new Step(call, mine, twins, places.getOrDefault(call, Step.NONE)));
        }
        return steps;
    }

    /**
     * Revisions are the order of the store: whoever was told of one comes after those of smaller ones, and whoever has read at one
     * after whoever has made it. So nothing is left to search but where calls belong that nobody was told of.
     */
    private static IdentityHashMap<KvCall, Integer> places(
            List<KvCall> calls, IdentityHashMap<KvCall, List<KeyStep>> parts) {
        record Placed(KvCall call, long revision, boolean isRead) {}
        List<Placed> placed = new ArrayList<>();
        for (KvCall call : calls) {
            long told = told(call, parts.getOrDefault(call, List.of()));
            if (told != 0) {
                placed.add(new Placed(call, told, call.isDone() && !call.isEffectiveWrite()));
            }
        }
        placed.sort(Comparator.comparingLong(Placed::revision)
                .thenComparing(Placed::isRead)
                .thenComparing(each -> each.call().call().invokedNanos()));
        IdentityHashMap<KvCall, Integer> places = new IdentityHashMap<>();
        placed.forEach(each -> places.put(each.call(), places.size()));
        return places;
    }

    private static long told(KvCall call, List<KeyStep> parts) {
        if (call.isDone()) {
            return call.requireAnswer().revision();
        }
        return parts.stream()
                .flatMapToLong(part -> call.putOf(part.key()).stream()
                        .mapToLong(put -> part.facts().revisionOf(put.value())))
                .max()
                .orElse(0);
    }
}
