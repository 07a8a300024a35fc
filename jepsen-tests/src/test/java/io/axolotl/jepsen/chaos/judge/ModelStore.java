package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Guard;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The store as etcd describes it, as slow and obvious as can be: every revision is a whole map, unless the past is not needed. */
final class ModelStore {
    /** One change, as watches tell of it. */
    record Change(
            long revision,
            boolean isDelete,
            Row row,
            @Nullable Row previous) {}

    private final List<NavigableMap<String, Row>> states = new ArrayList<>(List.of(new TreeMap<>()));
    private final List<Change> changes = new ArrayList<>();
    private final boolean keepsPast;
    private long revision;
    private long now;

    ModelStore(boolean keepsPast) {
        this.keepsPast = keepsPast;
    }

    long revision() {
        return revision;
    }

    /** The moment of what it executes, by the clock of whoever makes the history. */
    long now() {
        return now;
    }

    void passTo(long moment) {
        now = moment;
    }

    List<Change> changes() {
        return changes;
    }

    NavigableMap<String, Row> at(long revision) {
        return states.get(keepsPast ? (int) revision : 0);
    }

    Answer execute(Ask ask) {
        NavigableMap<String, Row> was = at(ask.at() == 0 ? revision : ask.at());
        NavigableMap<String, Row> now = keepsPast ? new TreeMap<>(was) : was;
        boolean holds = ask.guards().stream().allMatch(guard -> holds(guard, now));
        long next = revision() + 1;
        List<Change> made = new ArrayList<>();
        List<Answer.Result> results = new ArrayList<>();
        for (Action action : holds ? ask.then() : ask.otherwise()) {
            results.add(execute(action, now, next, made));
        }
        if (!made.isEmpty()) {
            revision = next;
            if (keepsPast) {
                states.add(now);
                changes.addAll(made);
            }
        }
        return new Answer(revision(), holds, results);
    }

    private static boolean holds(Guard guard, NavigableMap<String, Row> now) {
        Row row = now.get(guard.key());
        return guard.mod() == (row == null ? 0 : row.mod());
    }

    private static Answer.Result execute(Action action, NavigableMap<String, Row> now, long next, List<Change> made) {
        Row before = now.get(action.key());
        List<Row> told = before == null ? List.of() : List.of(before);
        switch (action.kind()) {
            case PUT, SWAP -> {
                Row after = before == null
                        ? new Row(action.key(), next, next, 1, action.value())
                        : new Row(action.key(), before.create(), next, before.version() + 1, action.value());
                now.put(action.key(), after);
                made.add(new Change(next, false, after, before));
                return new Answer.Result(0, action.kind() == Action.Kind.SWAP ? told : List.of());
            }
            case DELETE -> {
                if (before != null) {
                    now.remove(action.key());
                    made.add(new Change(next, true, new Row(action.key(), 0, next, 0, ""), before));
                }
                return new Answer.Result(before == null ? 0 : 1, told);
            }
            case READ -> {
                return new Answer.Result(0, told);
            }
            case LIST -> {
                return new Answer.Result(
                        0,
                        now.values().stream()
                                .filter(row -> row.key().startsWith(action.key()))
                                .toList());
            }
        }
        throw new AssertionError(action);
    }
}
