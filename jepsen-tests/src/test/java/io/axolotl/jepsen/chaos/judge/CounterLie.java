package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Lies about counters, all but one in a last read. */
public enum CounterLie implements Lie {
    /** A counter is one short of what was acknowledged. */
    LOST_INCREMENT {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            return bending(calls, row -> {
                long acknowledged = acknowledged(parsed, row.key());
                return acknowledged < 2 ? row : counting(row, acknowledged - 1);
            });
        }
    },
    /** A counter is one more than what was acknowledged and what is unknown. */
    DOUBLED_INCREMENT {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            return bending(
                    calls, row -> counting(row, acknowledged(parsed, row.key()) + unknown(parsed, row.key()) + 1));
        }
    },
    /** A counter that was incremented is not there. */
    GONE {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            List<Call> lies = new ArrayList<>();
            for (KvCall last : Lie.finals(calls)) {
                Lie.rows(last).stream()
                        .filter(row -> acknowledged(parsed, row.key()) > 0)
                        .forEach(row -> lies.add(Lie.showing(last, rows -> Lie.without(rows, row))));
            }
            return lies;
        }
    },
    /** The number in a counter is not how often it was put. */
    COUNTS_OTHERWISE {
        @Override
        public List<Call> all(List<Call> calls) {
            return bending(
                    calls,
                    row -> row.value().contains("/")
                            ? new Row(
                                    row.key(),
                                    row.create(),
                                    row.mod(),
                                    row.version(),
                                    row.version()
                                            - 1
                                            + row.value().substring(row.value().indexOf('/')))
                            : row);
        }
    },
    /** An increment that counted is said to have been refused. */
    REFUSED_BUT_COUNTED {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            return parsed.stream()
                    .filter(call -> call.isEffectiveWrite()
                            && call.puts().stream().allMatch(put -> unknown(parsed, put.key()) == 0))
                    .map(call -> Lie.refused(call.call(), "a lie"))
                    .toList();
        }
    };

    private static long acknowledged(List<KvCall> calls, String key) {
        return calls.stream()
                .filter(call -> call.isEffectiveWrite() && call.putOf(key).isPresent())
                .count();
    }

    private static long unknown(List<KvCall> calls, String key) {
        return calls.stream()
                .filter(call -> call.call().outcome() == Outcome.UNKNOWN
                        && call.putOf(key).isPresent())
                .count();
    }

    private static Row counting(Row row, long version) {
        return new Row(row.key(), row.create(), row.mod(), version, row.value());
    }

    /** One lie for each row that is another then. */
    private static List<Call> bending(List<Call> calls, UnaryOperator<Row> bend) {
        List<Call> lies = new ArrayList<>();
        for (KvCall last : Lie.finals(calls)) {
            for (Row row : Lie.rows(last)) {
                Row bent = bend.apply(row);
                if (!bent.equals(row)) {
                    lies.add(Lie.showing(last, rows -> Lie.instead(rows, row, bent)));
                }
            }
        }
        return lies;
    }
}
