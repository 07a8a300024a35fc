package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.judge.AppendJudge;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.ListTxn;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Transactions that read lists and append to them: all that is touched is read at once, and what is appended is written if nothing
 * of it has changed since. One of which something has changed is refused.
 */
final class AppendPlay implements Crowd.Play {
    private static final int LISTS = 5;

    /** So many elements are appended before the lists are left for new ones. */
    private static final int ELEMENTS = 400;

    private static final int MOST_ACCESSES = 4;

    private final Keys keys = new Keys("append");
    private final AtomicLong elements = new AtomicLong();

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        List<ListTxn.Access> accesses = new ArrayList<>();
        int count = 1 + chance.nextInt(MOST_ACCESSES);
        for (int i = 0; i < count; i++) {
            long element = elements.get();
            String key = keys.key("l" + chance.nextInt(LISTS) + "-", element / ELEMENTS);
            accesses.add(
                    chance.nextBoolean()
                            ? ListTxn.Access.append(key, elements.getAndIncrement())
                            : ListTxn.Access.read(key));
        }
        run(lane, accesses);
    }

    private static void run(Lane lane, List<ListTxn.Access> accesses) {
        long invoked = lane.history().now();
        JsonObject input = ListTxn.toJson(accesses);
        Map<String, List<Long>> lists = new LinkedHashMap<>();
        accesses.forEach(access -> lists.put(access.key(), new ArrayList<>()));
        Ask read = Ask.of(lists.keySet().stream().map(Action::read).toArray(Action[]::new));
        Attempt<Answer> first = Attempt.of(Asking.send(lane.client(), read));
        if (first.answer() == null) {
            add(lane, input, KvCall.nothing(), Outcome.REFUSED, first.error(), invoked);
            return;
        }
        List<Guard> guards = new ArrayList<>();
        int place = 0;
        for (Map.Entry<String, List<Long>> list : lists.entrySet()) {
            List<Row> rows = first.answer().results().get(place++).rows();
            guards.add(new Guard(list.getKey(), rows.isEmpty() ? 0 : rows.get(0).mod()));
            for (Row row : rows) {
                try {
                    Arrays.stream(row.value().split(" ")).map(Long::valueOf).forEach(list.getValue()::add);
                } catch (NumberFormatException e) {
                    add(lane, AppendJudge.strange(row), KvCall.nothing(), Outcome.REFUSED, "it is no list", invoked);
                    return;
                }
            }
        }
        Map<String, String> written = new LinkedHashMap<>();
        List<ListTxn.Access> answered = new ArrayList<>();
        for (ListTxn.Access access : accesses) {
            List<Long> list = lists.getOrDefault(access.key(), List.of());
            if (access.isAppend()) {
                list.add(access.element());
                written.put(access.key(), text(list));
                answered.add(access);
            } else {
                answered.add(access.found(list));
            }
        }
        if (written.isEmpty()) {
            add(lane, input, ListTxn.toJson(answered), Outcome.DONE, "", invoked);
            return;
        }
        Ask write = Ask.of(written.entrySet().stream()
                        .map(each -> Action.put(each.getKey(), each.getValue()))
                        .toArray(Action[]::new))
                .when(guards.toArray(Guard[]::new));
        Attempt<Answer> second = Attempt.of(Asking.send(lane.client(), write));
        if (second.answer() == null) {
            add(lane, input, KvCall.nothing(), second.outcome(), second.error(), invoked);
        } else if (second.answer().succeeded()) {
            add(lane, input, ListTxn.toJson(answered), Outcome.DONE, "", invoked);
        } else {
            add(lane, input, KvCall.nothing(), Outcome.REFUSED, "what was read has changed", invoked);
        }
    }

    private static String text(List<Long> list) {
        StringBuilder text = new StringBuilder();
        for (long element : list) {
            text.append(text.isEmpty() ? "" : " ").append(element);
        }
        return text.toString();
    }

    private static void add(
            Lane lane, JsonObject input, JsonObject output, Outcome outcome, String error, long invoked) {
        var unused = lane.history()
                .add(
                        lane.number(),
                        lane.endpoint(),
                        "txn",
                        input,
                        output,
                        outcome,
                        error,
                        invoked,
                        lane.history().now());
    }

    @Override
    public void finish(Lane lane, Crowd crowd) {
        AxolotlClient client = lane.client();
        for (long element = 0; element <= elements.get(); element += ELEMENTS) {
            List<ListTxn.Access> reads = new ArrayList<>();
            for (int list = 0; list < LISTS; list++) {
                reads.add(ListTxn.Access.read(keys.key("l" + list + "-", element / ELEMENTS)));
            }
            crowd.insist("the last read of the lists", () -> {
                boolean isAnswered = Attempt.of(Asking.send(
                                        client, Ask.of(Action.read(reads.get(0).key()))))
                                .answer()
                        != null;
                if (isAnswered) {
                    run(lane, reads);
                }
                return isAnswered;
            });
        }
    }
}
