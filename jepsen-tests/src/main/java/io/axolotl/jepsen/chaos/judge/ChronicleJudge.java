package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether all answers are of one history: nobody was told something else of a revision than anybody else, nothing was executed
 * twice, or in spite of a refusal or a guard, and each read, serializable and historical ones too, is the state of its revision
 * and not a mixture of two (I4, I5, I15; torn applies and snapshots). Stateless.
 *
 * @param hasUniqueValues whether no two writes of one key write the same
 */
public record ChronicleJudge(boolean hasUniqueValues) implements Judge {
    private static final String NAME = "one history";

    @Override
    public Verdict judge(List<Call> history) {
        List<KvCall> calls = KvCall.of(history);
        Findings findings = new Findings(NAME);
        Chronicle chronicle = Chronicle.of(calls, findings);
        chronicle.check(hasUniqueValues);
        long reads = 0;
        for (KvCall call : calls) {
            if (call.isDone()) {
                reads += checkReads(call, chronicle, findings);
            }
        }
        return findings.verdict(
                chronicle.facts() + reads,
                chronicle.facts() + " facts about " + chronicle.keys().size() + " keys agree, and " + reads
                        + " reads are the state of their revision");
    }

    private static long checkReads(KvCall call, Chronicle chronicle, Findings findings) {
        long at = call.ask().at() == 0
                ? call.requireAnswer().revision()
                : call.ask().at();
        Set<String> written = new HashSet<>();
        for (KvCall.Taken taken : call.taken()) {
            if (!taken.action().kind().isRead()) {
                written.add(taken.action().key());
            }
        }
        long reads = 0;
        for (KvCall.Taken taken : call.taken()) {
            if (taken.action().kind().isRead()) {
                reads++;
                checkRead(call, taken, at, written, chronicle, findings);
            }
        }
        return reads;
    }

    /** @param written keys that the same call changes: what it read of them is of before or after */
    private static void checkRead(
            KvCall call, KvCall.Taken taken, long at, Set<String> written, Chronicle chronicle, Findings findings) {
        Action action = taken.action();
        Map<String, Row> found = new HashMap<>();
        for (Row row : taken.result().rows()) {
            if (!action.touches(row.key())) {
                findings.add("a read of " + action.key() + " tells of " + row.key(), call);
            }
            if (found.put(row.key(), row) != null) {
                findings.add("a read tells of " + row.key() + " twice", call);
            }
            if (row.mod() > at) {
                findings.add("a read at revision " + at + " tells of revision " + row.mod(), call);
            }
        }
        Iterable<String> keys =
                action.kind() == Action.Kind.LIST ? chronicle.keys(action.key()) : List.of(action.key());
        for (String key : keys) {
            Optional<Chronicle.Fact> known = chronicle.newest(key, at);
            Row row = found.get(key);
            if (known.isEmpty() || written.contains(key)) {
                continue;
            }
            Chronicle.Fact fact = known.get();
            if (row == null && chronicle.mayHaveVanished(key)) {
                continue;
            }
            if (row == null ? !fact.isDelete() : fact.isDelete() || fact.mod() > row.mod()) {
                findings.add(
                        "a read at revision " + at + " does not show " + key + " as of revision " + fact.mod(),
                        fact,
                        call);
            }
        }
    }
}
