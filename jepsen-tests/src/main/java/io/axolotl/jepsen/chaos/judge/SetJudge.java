package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether everything that was acknowledged is there at the end, and nothing else (I4): elements that are keys of their own ({@code
 * add}), and elements in the one value of a key ({@code extend}, a compare-and-set of {@code "1 5 9"} that names its {@code element}). Looks at the calls of kind {@code
 * final}, each LISTs of some prefix: of each of them all is demanded. Stateless.
 */
public record SetJudge() implements Judge {
    private static final String NAME = "set";

    /** Elements by what their writers were told; an element is its key, or the key and the number. */
    private record Elements(Map<String, KvCall> acknowledged, Map<String, KvCall> refused, Set<String> unknown) {
        boolean isKey(String key) {
            return acknowledged.containsKey(key) || refused.containsKey(key) || unknown.contains(key);
        }

        void take(String element, KvCall call) {
            if (call.isEffectiveWrite()) {
                acknowledged.put(element, call);
            } else if (call.call().outcome() == Outcome.UNKNOWN) {
                unknown.add(element);
            } else {
                refused.put(element, call);
            }
        }
    }

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        List<KvCall> calls = KvCall.of(history);
        Elements elements = new Elements(new HashMap<>(), new HashMap<>(), new HashSet<>());
        for (KvCall call : calls) {
            for (Action put : call.ask().then()) {
                if (call.call().kind().equals("add")) {
                    elements.take(put.key(), call);
                } else if (call.call().kind().equals("extend")) {
                    elements.take(put.key() + " " + call.call().input().get("element"), call);
                }
            }
        }
        long finals = 0;
        for (KvCall call : calls) {
            if (call.call().kind().equals(CounterJudge.FINAL) && call.isDone()) {
                finals++;
                check(call, elements, findings);
            }
        }
        return findings.verdict(
                finals,
                elements.acknowledged.size() + " acknowledged elements are there, and nothing that must not be; "
                        + elements.unknown.size() + " were unknown");
    }

    private static void check(KvCall last, Elements elements, Findings findings) {
        for (KvCall.Taken taken : last.taken()) {
            Set<String> found = new HashSet<>();
            for (Row row : taken.result().rows()) {
                if (elements.isKey(row.key())) {
                    found.add(row.key());
                    if (row.version() != 1) {
                        findings.add(row.key() + " was added " + row.version() + " times", last);
                    }
                } else {
                    List<String> numbers = Arrays.asList(row.value().split(" "));
                    Set<String> once = new HashSet<>(numbers);
                    if (once.size() != numbers.size()) {
                        findings.add(row.key() + " holds an element twice: " + row.value());
                    }
                    once.forEach(number -> found.add(row.key() + " " + number));
                }
            }
            check(taken.action(), found, elements, findings);
        }
    }

    /** @param found elements in what was listed */
    private static void check(Action list, Set<String> found, Elements elements, Findings findings) {
        elements.acknowledged.forEach((element, add) -> {
            if (element.startsWith(list.key()) && !found.contains(element)) {
                findings.add(element + " was acknowledged and is lost", add);
            }
        });
        for (String element : found) {
            KvCall refused = elements.refused.get(element);
            if (refused != null) {
                findings.add(element + " is there though it was refused", refused);
            } else if (!elements.acknowledged.containsKey(element) && !elements.unknown.contains(element)) {
                findings.add(element + " is there though nobody added it");
            }
        }
    }
}
