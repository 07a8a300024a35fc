package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether every increment counts once (I15): at the end the version of each key, which is how often it was put, lies between the
 * puts that were acknowledged and those together with the unknown ones; with none unknown, as with numbered writes it should be, it
 * is exact. A key whose values are {@code number/id} holds its own version. Looks at the calls of kind {@code final}, each a list of
 * all counters, from every member. Stateless.
 */
public record CounterJudge() implements Judge {
    private static final String NAME = "counters";
    public static final String FINAL = "final";

    private static final class Count {
        long acknowledged;
        long unknown;
    }

    @Override
    public Verdict judge(List<Call> history) {
        Findings findings = new Findings(NAME);
        Map<String, Count> counts = new TreeMap<>();
        long unknown = 0;
        long acknowledged = 0;
        List<KvCall> calls = KvCall.of(history);
        for (KvCall call : calls) {
            for (Action put : call.puts()) {
                Count count = counts.computeIfAbsent(put.key(), any -> new Count());
                if (call.isEffectiveWrite()) {
                    count.acknowledged++;
                    acknowledged++;
                } else if (!call.isRefused() && !call.isDone()) {
                    count.unknown++;
                    unknown++;
                }
            }
        }
        long finals = 0;
        for (KvCall call : calls) {
            if (call.call().kind().equals(FINAL) && call.isDone()) {
                finals++;
                check(call, counts, findings);
            }
        }
        return findings.verdict(
                finals,
                acknowledged + " increments of " + counts.size() + " counters are there once"
                        + (unknown == 0 ? ", none was unknown" : ", " + unknown + " more may be")
                        + ", as " + finals + " last reads show");
    }

    private static void check(KvCall last, Map<String, Count> counts, Findings findings) {
        for (KvCall.Taken taken : last.taken()) {
            Map<String, Row> rows = new HashMap<>();
            taken.result().rows().forEach(row -> rows.put(row.key(), row));
            counts.forEach((key, count) -> {
                if (taken.action().touches(key)) {
                    check(key, count, Optional.ofNullable(rows.get(key)), last, findings);
                }
            });
        }
    }

    private static void check(String key, Count count, Optional<Row> row, KvCall last, Findings findings) {
        long version = row.map(Row::version).orElse(0L);
        if (version < count.acknowledged || version > count.acknowledged + count.unknown) {
            findings.add(
                    key + " was put " + version + " times, and clients were told of " + count.acknowledged
                            + (count.unknown == 0 ? "" : " and nothing of " + count.unknown),
                    last);
        }
        row.filter(found -> found.value().contains("/")).ifPresent(found -> {
            String number = found.value().substring(0, found.value().indexOf('/'));
            if (!number.equals(Long.toString(found.version()))) {
                findings.add(key + " counts " + number + " after " + found.version() + " puts", last);
            }
        });
    }
}
