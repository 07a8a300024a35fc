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
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether the whole store behaves as one that does one transaction at a time in real time, over all keys at once and with one
 * revision for all: what {@link KeysJudge} asks of each key, and that transactions and reads of several keys are atomic. The search
 * is dear, so that only short histories are judged, and the first calls of longer ones. Stateless.
 *
 * @param maxCalls how many calls are looked at
 * @param maxSteps bound on search steps
 */
public record StoreJudge(int maxCalls, long maxSteps) implements Judge {
    private static final String NAME = "linearizable store";

    public StoreJudge() {
        this(5_000, 2_000_000);
    }

    /**
     * All keys.
     *
     * @param revision of the last call; the store has had at least this
     * @param written of the last write whose revision is known
     */
    private record State(Map<String, KeyState> keys, long revision, long written) {
        static final State EMPTY = new State(Map.of(), 0, 0);
    }

    /**
     * @param parts what the call is for each key that it concerns
     * @param writes the known revisions of all writes: since revisions are the order of the store, a call comes after those below
     *     its own and before those above
     * @param told the revision that the call was answered with, or that its write is known to have; else 0
     */
    private record Step(
            KvCall call, List<KeyStep> parts, int twins, NavigableSet<Long> writes, long told)
            implements LinearizabilitySearch.Step<State> {
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
            long revision = state.revision;
            boolean isWrite = call.isDone() ? call.isEffectiveWrite() : told != 0;
            if (told != 0) {
                Long before = isWrite ? writes.lower(told) : writes.floor(told);
                boolean isItsPlace = state.written == (before == null ? 0 : before);
                if (!isItsPlace || told < (isWrite ? revision + 1 : revision)) {
                    return null;
                }
                revision = told;
            }
            Map<String, KeyState> after = new HashMap<>(state.keys);
            for (KeyStep part : parts) {
                KeyState before = state.keys.getOrDefault(part.key(), KeyState.ABSENT);
                KeyState changed = part.apply(before);
                if (changed == null) {
                    return null;
                }
                if (!changed.equals(before)) {
                    after.put(part.key(), changed);
                    revision = Math.max(revision, changed.changed());
                }
            }
            return new State(after, revision, isWrite ? told : state.written);
        }
    }

    @Override
    public Verdict judge(List<Call> history) {
        List<KvCall> all = KvCall.of(history).stream()
                .filter(KeysJudge::counts)
                .sorted(Comparator.comparingLong(call -> call.call().invokedNanos()))
                .toList();
        List<KvCall> calls = Prefix.ofAtMost(maxCalls, all);
        Findings findings = new Findings(NAME);
        switch (search(calls)) {
            case LINEARIZABLE -> {}
            case UNDECIDED -> {
                return new Verdict(
                        NAME, Verdict.Kind.UNDECIDED, "the search gave up after " + maxSteps + " steps", List.of());
            }
            case VIOLATED -> {
                List<KvCall> fewest = Prefix.shortest(
                        calls, shorter -> search(shorter) == LinearizabilitySearch.Found.VIOLATED);
                findings.add(
                        "no order of the first " + fewest.size() + " calls explains what their clients saw; the last of"
                                + " them",
                        fewest.subList(Math.max(0, fewest.size() - 20), fewest.size())
                                .toArray());
            }
        }
        return findings.verdict(
                calls.size(),
                calls.size() + " calls" + (calls.size() < all.size() ? " (the first of " + all.size() + ")" : "")
                        + " have an order that explains them");
    }

    private LinearizabilitySearch.Found search(List<KvCall> calls) {
        return LinearizabilitySearch.search(State.EMPTY, steps(calls), maxSteps);
    }

    private static List<Step> steps(List<KvCall> calls) {
        Map<String, List<KvCall>> byKey = KeysJudge.partition(calls);
        Map<KvCall, List<KeyStep>> parts = new IdentityHashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (Map.Entry<String, List<KvCall>> entry : byKey.entrySet()) {
            String key = entry.getKey();
            numbers.put(key, numbers.size());
            KeyFacts facts = new KeyFacts(key, entry.getValue());
            for (KvCall call : entry.getValue()) {
                parts.computeIfAbsent(call, any -> new ArrayList<>()).add(new KeyStep(call, key, facts, true));
            }
        }
        NavigableSet<Long> writes = new TreeSet<>();
        for (KvCall call : calls) {
            long told = told(call, parts.getOrDefault(call, List.of()));
            if (told != 0 && (!call.isDone() || call.isEffectiveWrite())) {
                writes.add(told);
            }
        }
        List<Step> steps = new ArrayList<>();
        for (KvCall call : calls) {
            List<KeyStep> mine = parts.getOrDefault(call, List.of());
            int twins = LinearizabilitySearch.Step.SINGLE;
            if (mine.size() == 1 && mine.get(0).row() != LinearizabilitySearch.Step.SINGLE) {
                twins = 2 * numbers.getOrDefault(mine.get(0).key(), 0) + mine.get(0).row();
            }
            steps.add(new Step(call, mine, twins, writes, told(call, mine)));
        }
        return steps;
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
