package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Lies about a valid history, each of which no correct store can have told. */
public enum Mutation {
    /** A read shows what an acknowledged write had replaced before the read began. */
    STALE_READ {
        @Override
        public Optional<List<Call>> of(List<Call> calls, SplittableRandom random) {
            List<Lie> lies = new ArrayList<>();
            List<KvCall> parsed = KvCall.of(calls);
            for (Seen seen : seen(calls)) {
                String key = seen.row.key();
                long replaced = parsed.stream()
                        .filter(write -> write.call().isDoneBefore(seen.call.call())
                                && write.putOf(key).isPresent())
                        .mapToLong(write -> write.requireAnswer().revision())
                        .max()
                        .orElse(0);
                rows(parsed, key).stream()
                        .filter(old -> old.mod() < replaced)
                        .forEach(old -> lies.add(new Lie(seen, old)));
            }
            return tell(calls, lies, random);
        }
    },
    /** A read shows a value that nobody wrote. */
    VALUE_OF_NOBODY {
        @Override
        public Optional<List<Call>> of(List<Call> calls, SplittableRandom random) {
            List<Lie> lies = seen(calls).stream()
                    .map(seen -> new Lie(
                            seen,
                            new Row(seen.row.key(), seen.row.create(), seen.row.mod(), seen.row.version(), "nobody's")))
                    .toList();
            return tell(calls, lies, random);
        }
    },
    /** A read counts a put too many. */
    WRONG_VERSION {
        @Override
        public Optional<List<Call>> of(List<Call> calls, SplittableRandom random) {
            List<KvCall> parsed = KvCall.of(calls);
            List<Lie> lies = seen(calls).stream()
                    .filter(seen -> rows(parsed, seen.row.key()).stream()
                                    .filter(seen.row::equals)
                                    .count()
                            > 1)
                    .map(seen -> new Lie(
                            seen,
                            new Row(
                                    seen.row.key(),
                                    seen.row.create(),
                                    seen.row.mod(),
                                    seen.row.version() + 1,
                                    seen.row.value())))
                    .toList();
            return tell(calls, lies, random);
        }
    },
    /** A write that somebody has seen is said to have been refused. */
    REFUSED_BUT_SEEN {
        @Override
        public Optional<List<Call>> of(List<Call> calls, SplittableRandom random) {
            List<KvCall> parsed = KvCall.of(calls);
            List<KvCall> seen = parsed.stream()
                    .filter(call -> call.isEffectiveWrite()
                            && call.puts().stream()
                                    .anyMatch(put -> rows(parsed, put.key()).stream()
                                            .anyMatch(row -> row.value().equals(put.value()))))
                    .toList();
            if (seen.isEmpty()) {
                return Optional.empty();
            }
            Call was = seen.get(random.nextInt(seen.size())).call();
            return Optional.of(with(
                    calls,
                    new Call(
                            was.id(),
                            was.client(),
                            was.endpoint(),
                            was.kind(),
                            was.input(),
                            KvCall.nothing(),
                            Outcome.REFUSED,
                            "planted",
                            was.invokedNanos(),
                            was.returnedNanos())));
        }
    };

    /** A row that a linearizable read of one key was told. */
    private record Seen(KvCall call, Row row) {}

    private record Lie(Seen seen, Row row) {}

    /** Nothing if there is no place for such a lie. */
    public abstract Optional<List<Call>> of(List<Call> calls, SplittableRandom random);

    private static List<Seen> seen(List<Call> calls) {
        return KvCall.of(calls).stream()
                .filter(call -> call.isDone()
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

    private static Optional<List<Call>> tell(List<Call> calls, List<Lie> lies, SplittableRandom random) {
        if (lies.isEmpty()) {
            return Optional.empty();
        }
        Lie lie = lies.get(random.nextInt(lies.size()));
        Call was = lie.seen.call.call();
        Answer bent = new Answer(
                lie.seen.call.requireAnswer().revision(), true, List.of(new Answer.Result(0, List.of(lie.row))));
        return Optional.of(with(
                calls,
                new Call(
                        was.id(),
                        was.client(),
                        was.endpoint(),
                        was.kind(),
                        was.input(),
                        bent.toJson(),
                        Outcome.DONE,
                        "",
                        was.invokedNanos(),
                        was.returnedNanos())));
    }

    private static List<Call> with(List<Call> calls, Call instead) {
        return calls.stream()
                .map(call -> call.id() == instead.id() ? instead : call)
                .toList();
    }
}
