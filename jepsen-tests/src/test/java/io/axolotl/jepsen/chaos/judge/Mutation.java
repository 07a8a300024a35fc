package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;

/** Lies about a valid history, each of which no correct store can have told. */
public enum Mutation implements Lie {
    /** A read shows what an acknowledged write had replaced before the read began. */
    STALE_READ {
        @Override
        public List<Call> all(List<Call> calls) {
            List<Call> lies = new ArrayList<>();
            List<KvCall> parsed = KvCall.of(calls);
            for (Seen seen : seen(calls)) {
                String key = seen.row.key();
                long replaced = parsed.stream()
                        .filter(write -> write.call().isDoneBefore(seen.call.call())
                                && write.putOf(key).isPresent())
                        .mapToLong(write -> write.requireAnswer().revision())
                        .max()
                        .orElse(0);
                rows(parsed, key).stream().filter(old -> old.mod() < replaced).forEach(old -> lies.add(seen.as(old)));
            }
            return lies;
        }
    },
    /** A read shows a value that nobody wrote. */
    VALUE_OF_NOBODY {
        @Override
        public List<Call> all(List<Call> calls) {
            return seen(calls).stream()
                    .map(seen -> seen.as(
                            new Row(seen.row.key(), seen.row.create(), seen.row.mod(), seen.row.version(), "nobody's")))
                    .toList();
        }
    },
    /** A read counts a put too many. */
    WRONG_VERSION {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            return seen(calls).stream()
                    .filter(seen -> rows(parsed, seen.row.key()).stream()
                                    .filter(seen.row::equals)
                                    .count()
                            > 1)
                    .map(seen -> seen.as(new Row(
                            seen.row.key(),
                            seen.row.create(),
                            seen.row.mod(),
                            seen.row.version() + 1,
                            seen.row.value())))
                    .toList();
        }
    },
    /** A write that somebody has seen is said to have been refused. */
    REFUSED_BUT_SEEN {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> parsed = KvCall.of(calls);
            return parsed.stream()
                    .filter(call -> call.isEffectiveWrite()
                            && call.puts().stream()
                                    .anyMatch(put -> rows(parsed, put.key()).stream()
                                            .anyMatch(row -> row.value().equals(put.value()))))
                    .map(call -> Lie.refused(call.call(), "planted"))
                    .toList();
        }
    };

    /** A row that a linearizable read of one key was told. */
    private record Seen(KvCall call, Row row) {
        /** The read, as if it had shown another. */
        Call as(Row other) {
            return Lie.answered(
                    call.call(),
                    new Answer(call.requireAnswer().revision(), true, List.of(new Answer.Result(0, List.of(other))))
                            .toJson());
        }
    }

    private static List<Seen> seen(List<Call> calls) {
        return KvCall.of(calls).stream()
                .filter(call -> call.isDone()
                        && call.ask().isLinearizable()
                        && call.ask().then().size() == 1
                        && call.ask().then().get(0).kind() == Action.Kind.READ)
                .flatMap(call ->
                        call.requireAnswer().results().get(0).rows().stream().map(row -> new Seen(call, row)))
                .toList();
    }

    private static List<Row> rows(List<KvCall> calls, String key) {
        return calls.stream()
                .flatMap(call -> call.taken().stream())
                .flatMap(taken -> taken.result().rows().stream())
                .filter(row -> row.key().equals(key))
                .toList();
    }
}
