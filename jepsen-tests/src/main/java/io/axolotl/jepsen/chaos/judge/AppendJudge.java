package io.axolotl.jepsen.chaos.judge;

import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.kv.ListTxn;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Whether transactions on lists are strictly serializable. A list tells its own history: whoever read it knows in which order its
 * elements were appended (Kingsbury and Alvaro, Elle, VLDB 2020). From that follow the dependencies of Adya; a cycle in them, or in
 * them and the order of real time, is an anomaly with a name: G0 (writes in a circle), G1a (a read of what was refused), G1b (a read
 * of the middle of a transaction), G1c (reads in a circle), G-single (one anti-dependency: read skew, lost update), G2 (several:
 * write skew), each with {@code -process} or {@code -realtime} if only the order of a client or of real time closes it. Stateless.
 */
public record AppendJudge() implements Judge {
    private static final String NAME = "list transactions";

    /** The input of a call that has found something that is no list: {@code {"strange": row}}. */
    public static JsonObject strange(Row row) {
        JsonObject json = new JsonObject();
        json.add("strange", row.toJson());
        return json;
    }

    @Override
    public Verdict judge(List<Call> history) {
        List<ListTxn> txns = ListTxn.of(history);
        Findings findings = new Findings(NAME);
        Map<String, ListHistory> lists = lists(txns, findings);
        lists.values().forEach(list -> list.check(findings));
        for (ListTxn txn : txns) {
            if (txn.isDone()) {
                checkInside(txn, findings);
            }
        }
        for (Call call : history) {
            if (call.input().has("strange")) {
                findings.add("phantom: a value that nobody ever wrote", call);
            }
        }
        List<ListTxn> nodes = txns.stream()
                .filter(txn -> txn.isDone() || (txn.call().outcome() == Outcome.UNKNOWN && isSeen(txn, lists)))
                .toList();
        Dependencies dependencies = dependencies(nodes, lists);
        for (Dependencies.Cycle cycle : dependencies.cycles()) {
            findings.add(describe(cycle, nodes), shownBy(cycle, nodes));
        }
        return findings.verdict(
                txns.size(),
                txns.size() + " transactions on " + lists.size() + " lists are strictly serializable; " + nodes.size()
                        + " took part");
    }

    private static Map<String, ListHistory> lists(List<ListTxn> txns, Findings findings) {
        Map<String, ListHistory> lists = new LinkedHashMap<>();
        for (ListTxn txn : txns) {
            for (ListTxn.Access access : txn.accesses()) {
                lists.computeIfAbsent(access.key(), ListHistory::new).take(txn, access, findings);
            }
        }
        return lists;
    }

    private static boolean isSeen(ListTxn txn, Map<String, ListHistory> lists) {
        return txn.accesses().stream().anyMatch(access -> {
            ListHistory list = lists.get(access.key());
            return access.isAppend() && list != null && list.isSeen(access.element());
        });
    }

    /** Within a transaction a read shows what it has read and appended before, and nothing else that is new. */
    private static void checkInside(ListTxn txn, Findings findings) {
        Map<String, List<Long>> known = new HashMap<>();
        Map<String, List<Long>> appended = new HashMap<>();
        for (ListTxn.Access access : txn.accesses()) {
            List<Long> before = known.get(access.key());
            List<Long> own = appended.computeIfAbsent(access.key(), any -> new ArrayList<>());
            List<Long> read = access.read();
            if (access.isAppend()) {
                own.add(access.element());
                if (before != null) {
                    before.add(access.element());
                }
            } else if (read != null) {
                boolean fits = before == null
                        ? read.size() >= own.size()
                                && read.subList(read.size() - own.size(), read.size())
                                        .equals(own)
                        : before.equals(read);
                if (!fits || showsLater(txn, access.key(), own, read)) {
                    findings.add("internal: a transaction does not see its own view of " + access.key(), txn);
                }
                known.put(access.key(), new ArrayList<>(read));
            }
        }
    }

    /** Whether a read shows what its own transaction appends only after it. */
    private static boolean showsLater(ListTxn txn, String key, List<Long> own, List<Long> read) {
        return read.stream().anyMatch(element -> !own.contains(element) && txn.appends(key, element));
    }

    private static Dependencies dependencies(List<ListTxn> nodes, Map<String, ListHistory> lists) {
        Dependencies dependencies = new Dependencies(nodes.size());
        Map<Long, Integer> numbers = new HashMap<>();
        for (int node = 0; node < nodes.size(); node++) {
            numbers.put(nodes.get(node).call().id(), node);
        }
        for (ListHistory list : lists.values()) {
            list.addWrites(dependencies, numbers);
        }
        for (int node = 0; node < nodes.size(); node++) {
            Set<String> touched = new HashSet<>();
            for (ListTxn.Access access : nodes.get(node).accesses()) {
                List<Long> read = access.read();
                ListHistory list = lists.get(access.key());
                // Only the first look at a list shows what others did.
                if (touched.add(access.key()) && read != null && list != null) {
                    list.addRead(node, read, dependencies, numbers);
                }
            }
        }
        RealTime.addTo(dependencies, nodes.stream().map(ListTxn::call).toList());
        return dependencies;
    }

    private static String describe(Dependencies.Cycle cycle, List<ListTxn> nodes) {
        StringBuilder text = new StringBuilder(cycle.anomaly()).append(": ");
        for (Dependencies.Edge edge : cycle.edges()) {
            text.append('#')
                    .append(nodes.get(edge.from()).call().id())
                    .append(" -")
                    .append(edge.kind().name().toLowerCase(Locale.ROOT))
                    .append("-> ");
        }
        return text.append('#')
                .append(nodes.get(cycle.edges().get(0).from()).call().id())
                .toString();
    }

    private static Object[] shownBy(Dependencies.Cycle cycle, List<ListTxn> nodes) {
        List<Object> lines = new ArrayList<>();
        for (Dependencies.Edge edge : cycle.edges()) {
            lines.add(nodes.get(edge.from()));
            lines.add("  comes before #" + nodes.get(edge.to()).call().id() + ": " + edge.why());
        }
        return lines.toArray();
    }
}
