package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import io.axolotl.jepsen.order.LinearizabilitySearch;
import io.axolotl.jepsen.order.LinearizabilitySearch.Found;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether each key behaves as a register that does one thing at a time in real time: puts, compare-and-set by revision,
 * deletions and reads with their versions and revisions (I5). Linearizability is a local property (Herlihy and Wing), so each key
 * is searched alone; a call on several keys counts as one on each. Believes the answers, and nothing else. Stateless.
 *
 * @param maxSteps bound on search steps per key; beyond it the verdict is UNDECIDED
 */
public record KeysJudge(long maxSteps) implements Judge {
    private static final String NAME = "linearizable keys";
    private static final long DEFAULT_STEPS = 5_000_000;

    public KeysJudge() {
        this(DEFAULT_STEPS);
    }

    @Override
    public Verdict judge(List<Call> history) {
        Map<String, List<KvCall>> byKey = partition(KvCall.of(history));
        Findings findings = new Findings(NAME);
        List<String> undecided = new ArrayList<>();
        long steps = 0;
        for (Map.Entry<String, List<KvCall>> entry : byKey.entrySet()) {
            String key = entry.getKey();
            List<KvCall> calls = entry.getValue();
            steps += calls.size();
            switch (search(key, calls, true, maxSteps)) {
                case LINEARIZABLE -> {}
                case UNDECIDED -> undecided.add(key);
                case VIOLATED -> {
                    List<KvCall> fewest = new CounterExample(key, calls).shrink();
                    findings.add(
                            "no order of these " + fewest.size() + " calls on " + key + " (of " + calls.size()
                                    + ") explains what their clients saw",
                            fewest.toArray());
                }
            }
        }
        if (findings.isEmpty() && !undecided.isEmpty()) {
            return new Verdict(
                    NAME,
                    Verdict.Kind.UNDECIDED,
                    "the search gave up after " + maxSteps + " steps for " + undecided.size() + " of " + byKey.size()
                            + " keys",
                    undecided.stream().limit(10).toList());
        }
        return findings.verdict(steps, steps + " calls on " + byKey.size() + " keys have an order that explains them");
    }

    /** Searches the calls of one key, given in the order of invocation. */
    static Found search(String key, List<KvCall> calls, boolean countsVersions, long maxSteps) {
        KeyFacts facts = new KeyFacts(key, calls);
        return LinearizabilitySearch.search(
                KeyState.ABSENT,
                calls.stream()
                        .map(call -> new KeyStep(call, key, facts, countsVersions))
                        .toList(),
                maxSteps);
    }

    /** The calls of each key, in the order of invocation. */
    static Map<String, List<KvCall>> partition(List<KvCall> all) {
        List<KvCall> calls = all.stream()
                .filter(KeysJudge::counts)
                .sorted(Comparator.comparingLong(call -> call.call().invokedNanos()))
                .toList();
        NavigableMap<String, List<KvCall>> byKey = new TreeMap<>();
        for (KvCall call : calls) {
            for (String key : named(call)) {
                byKey.computeIfAbsent(key, any -> new ArrayList<>());
            }
        }
        for (KvCall call : calls) {
            for (String key : touched(call, byKey)) {
                byKey.computeIfAbsent(key, any -> new ArrayList<>()).add(call);
            }
        }
        return byKey;
    }

    /** Reads of the past, or of what one member has, promise nothing about now. */
    static boolean counts(KvCall call) {
        return call.isDone()
                ? call.ask().isLinearizable()
                : !call.isRefused() && !call.ask().isRead();
    }

    private static Set<String> named(KvCall call) {
        Set<String> keys = new HashSet<>();
        for (Action action : call.ask().then()) {
            if (action.kind() != Action.Kind.LIST) {
                keys.add(action.key());
            }
        }
        for (KvCall.Taken taken : call.taken()) {
            taken.result().rows().stream().map(Row::key).forEach(keys::add);
        }
        return keys;
    }

    /** Keys of which the call says something, or which it may change. */
    private static Set<String> touched(KvCall call, NavigableMap<String, List<KvCall>> known) {
        Set<String> keys = new HashSet<>();
        for (Guard guard : call.ask().guards()) {
            if (call.isDone() && known.containsKey(guard.key())) {
                keys.add(guard.key());
            }
        }
        if (!call.isDone()) {
            for (Action action : call.ask().then()) {
                if (!action.kind().isRead()) {
                    keys.add(action.key());
                }
            }
        }
        for (KvCall.Taken taken : call.taken()) {
            String key = taken.action().key();
            if (taken.action().kind() == Action.Kind.LIST) {
                keys.addAll(known.subMap(key, true, key + Character.MAX_VALUE, false)
                        .keySet());
            } else {
                keys.add(key);
            }
        }
        keys.retainAll(known.keySet());
        return keys;
    }
}
