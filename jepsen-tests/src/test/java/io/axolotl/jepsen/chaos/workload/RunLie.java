package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.judge.LeaseJudge;
import io.axolotl.jepsen.chaos.judge.Lie;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.KvCall;
import io.axolotl.jepsen.chaos.kv.ListTxn;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Lies about what a run has written down, for the judges whose own tests are told theirs by hand. */
enum RunLie implements Lie {
    /** The last transaction that read something is said to have read nothing. */
    A_LIST_READ_EMPTY {
        @Override
        public List<Call> all(List<Call> calls) {
            return ListTxn.of(calls).stream()
                    .filter(txn -> txn.isDone() && txn.accesses().stream().anyMatch(RunLie::isFilled))
                    .reduce((first, last) -> last)
                    .map(txn -> bent(
                            txn.call(),
                            output -> output.getAsJsonArray("ops").forEach(op -> {
                                if (op.getAsJsonArray().get(2).isJsonArray()) {
                                    op.getAsJsonArray().set(2, new JsonArray());
                                }
                            })))
                    .stream()
                    .toList();
        }
    },
    /** A watch was not told of a message, which is not its last. */
    A_MESSAGE_LEFT_OUT {
        @Override
        public List<Call> all(List<Call> calls) {
            return calls.stream()
                    .filter(each -> isOfEvents(each)
                            && calls.stream()
                                    .anyMatch(later -> later.id() > each.id()
                                            && later.input().equals(each.input())
                                            && isOfEvents(later)))
                    .limit(1)
                    .toList();
        }

        @Override
        public Optional<List<Call>> of(List<Call> calls, SplittableRandom random) {
            return all(calls).stream()
                    .findFirst()
                    .map(dropped -> calls.stream()
                            .filter(call -> call.id() != dropped.id())
                            .toList());
        }
    },
    /** A key is there when every lease has long run out. */
    A_LEASED_KEY_LEFT {
        @Override
        public List<Call> all(List<Call> calls) {
            JsonArray left = new JsonArray();
            left.add("a key");
            return calls.stream()
                    .filter(call -> call.kind().equals(LeaseJudge.LAST_LIST) && call.isDone())
                    .map(call -> bent(call, output -> output.add("keys", left)))
                    .toList();
        }
    },
    /** A linearizable list shows a value that nobody wrote. */
    A_VALUE_OF_NOBODY_IN_A_LIST {
        @Override
        public List<Call> all(List<Call> calls) {
            return Lie.lists(calls).stream()
                    .filter(list -> list.ask().isLinearizable())
                    .flatMap(list -> Lie.rows(list).stream()
                            .limit(1)
                            .map(row -> Lie.showing(list, rows -> {
                                Row lie = new Row(row.key(), row.create(), row.mod(), row.version(), "nobody's");
                                return Lie.instead(rows, row, lie);
                            })))
                    .toList();
        }
    },
    /** A linearizable read was of the first revision, when somebody had been told of a later one. */
    A_READ_OF_THE_FIRST_REVISION {
        @Override
        public List<Call> all(List<Call> calls) {
            List<KvCall> answered = KvCall.of(calls).stream()
                    .filter(call -> call.isDone() && call.ask().isLinearizable())
                    .toList();
            return answered.stream()
                    .filter(read -> read.ask().isRead()
                            && answered.stream()
                                    .anyMatch(earlier -> earlier.call().isDoneBefore(read.call())
                                            && earlier.requireAnswer().revision() > 1))
                    .map(read -> Lie.answered(
                            read.call(),
                            new Answer(1, true, read.requireAnswer().results()).toJson()))
                    .toList();
        }
    };

    private static boolean isOfEvents(Call told) {
        return told.kind().equals("told")
                && told.input().get("from").getAsLong() > 0
                && !told.output().getAsJsonArray("events").isEmpty();
    }

    private static boolean isFilled(ListTxn.Access access) {
        return access.read() != null && !access.read().isEmpty();
    }

    private static Call bent(Call was, Consumer<JsonObject> bend) {
        JsonObject output = was.output().deepCopy();
        bend.accept(output);
        return Lie.answered(was, output);
    }
}
