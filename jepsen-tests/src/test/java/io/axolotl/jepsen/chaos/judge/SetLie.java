package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lies about sets, all but one in a last read. */
public enum SetLie implements Lie {
    /** An element that was acknowledged is not there. */
    LOST_ELEMENT {
        @Override
        public List<Call> all(List<Call> calls) {
            return bending(calls, "add", Lie::without);
        }
    },
    /** An element that is a key was added twice. */
    ADDED_TWICE {
        @Override
        public List<Call> all(List<Call> calls) {
            return bending(
                    calls,
                    "add",
                    (rows, row) ->
                            Lie.instead(rows, row, new Row(row.key(), row.create(), row.mod() + 1, 2, row.value())));
        }
    },
    /** The element of a list that was acknowledged last is not there, or the list is not. */
    LOST_FROM_A_LIST {
        @Override
        public List<Call> all(List<Call> calls) {
            Set<String> written =
                    acknowledged(calls, "extend").map(Action::value).collect(Collectors.toCollection(HashSet::new));
            return bending(calls, "extend", (rows, row) -> {
                int cut = row.value().lastIndexOf(' ');
                if (!written.contains(row.value())) {
                    // Nobody was told of its last element.
                    return rows;
                }
                return cut < 0
                        ? Lie.without(rows, row)
                        : Lie.instead(rows, row, holding(row, row.value().substring(0, cut)));
            });
        }
    },
    /** A list has an element twice. */
    TWICE_IN_A_LIST {
        @Override
        public List<Call> all(List<Call> calls) {
            return bending(
                    calls,
                    "extend",
                    (rows, row) -> Lie.instead(
                            rows,
                            row,
                            holding(
                                    row,
                                    row.value() + " "
                                            + Arrays.asList(row.value().split(" "))
                                                    .get(0))));
        }
    },
    /** A list has an element that nobody added. */
    OF_NOBODY_IN_A_LIST {
        @Override
        public List<Call> all(List<Call> calls) {
            return bending(
                    calls, "extend", (rows, row) -> Lie.instead(rows, row, holding(row, row.value() + " 1000000007")));
        }
    },
    /** What is there at the end is said to have been refused. */
    REFUSED_BUT_THERE {
        @Override
        public List<Call> all(List<Call> calls) {
            Set<String> shown = Lie.finals(calls).stream()
                    .flatMap(last -> Lie.rows(last).stream())
                    .map(Row::key)
                    .collect(Collectors.toCollection(HashSet::new));
            return KvCall.of(calls).stream()
                    .filter(call -> call.isEffectiveWrite()
                            && Set.of("add", "extend").contains(call.call().kind())
                            && call.puts().stream().allMatch(put -> shown.contains(put.key())))
                    .map(call -> Lie.refused(call.call(), "a lie"))
                    .toList();
        }
    };

    private static Stream<Action> acknowledged(List<Call> calls, String kind) {
        return KvCall.of(calls).stream()
                .filter(call -> call.call().kind().equals(kind) && call.isEffectiveWrite())
                .flatMap(call -> call.puts().stream());
    }

    private static Row holding(Row row, String value) {
        return new Row(row.key(), row.create(), row.mod(), row.version(), value);
    }

    /** One lie for each row that an acknowledged call of a kind has put. */
    private static List<Call> bending(List<Call> calls, String kind, BiFunction<List<Row>, Row, List<Row>> bend) {
        Set<String> keys = acknowledged(calls, kind).map(Action::key).collect(Collectors.toCollection(HashSet::new));
        List<Call> lies = new ArrayList<>();
        for (KvCall last : Lie.finals(calls)) {
            for (Row row : Lie.rows(last)) {
                List<Row> bent = bend.apply(Lie.rows(last), row);
                if (keys.contains(row.key()) && !bent.equals(Lie.rows(last))) {
                    lies.add(Lie.showing(last, rows -> bent));
                }
            }
        }
        return lies;
    }
}
