package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The order of real time and that of each client, as few edges as say it. Stateless. */
final class RealTime {
    private record Event(long at, boolean isReturn, int node) {}

    private RealTime() {}

    /** @param calls by node */
    static void addTo(Dependencies dependencies, List<Call> calls) {
        List<Event> events = new ArrayList<>();
        for (int node = 0; node < calls.size(); node++) {
            Call call = calls.get(node);
            events.add(new Event(call.invokedNanos(), false, node));
            if (call.isDone()) {
                events.add(new Event(call.returnedNanos(), true, node));
            }
        }
        // What begins at the moment at which another ends did not begin after it.
        events.sort(Comparator.comparingLong(Event::at).thenComparing(Event::isReturn));
        Set<Integer> ended = new HashSet<>();
        Map<Integer, List<Integer>> before = new HashMap<>();
        Map<Integer, Integer> lastOfClient = new HashMap<>();
        for (Event event : events) {
            Call call = calls.get(event.node);
            if (event.isReturn) {
                // Whoever begins after this one also begins after those that had ended before it began.
                before.getOrDefault(event.node, List.of()).forEach(ended::remove);
                ended.add(event.node);
                lastOfClient.put(call.client(), event.node);
                continue;
            }
            before.put(event.node, new ArrayList<>(ended));
            for (int earlier : ended) {
                dependencies.add(
                        earlier, event.node, Dependencies.Kind.REALTIME, "it was answered before the other began");
            }
            Integer last = lastOfClient.get(call.client());
            if (last != null) {
                dependencies.add(last, event.node, Dependencies.Kind.PROCESS, "the same client had its answer before");
            }
        }
    }
}
