package io.axolotl.jepsen.chaos.workload;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.DeleteOptions;
import io.axolotl.client.DeleteResult;
import io.axolotl.client.GetOptions;
import io.axolotl.client.GetResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.Op;
import io.axolotl.client.OpResult;
import io.axolotl.client.Pending;
import io.axolotl.client.PutOptions;
import io.axolotl.client.PutResult;
import io.axolotl.client.TxnResult;
import io.axolotl.jepsen.chaos.kv.Action;
import io.axolotl.jepsen.chaos.kv.Answer;
import io.axolotl.jepsen.chaos.kv.Ask;
import io.axolotl.jepsen.chaos.kv.Row;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Sends what a history calls an {@link Ask}: one action without a guard by its own call, everything else as a transaction. Stateless. */
final class Asking {
    private Asking() {}

    static Pending<Answer> send(AxolotlClient client, Ask ask) {
        Op[] then = ops(ask, ask.then());
        if (ask.guards().isEmpty() && then.length == 1) {
            return alone(client, then[0], ask.isRead());
        }
        Pending<TxnResult> sent = client.kv()
                .txn()
                .when(ask.guards().stream()
                        .map(guard -> Compare.modRevision(guard.key()).equalTo(guard.mod()))
                        .toArray(Compare[]::new))
                .then(then)
                .otherwise(ops(ask, ask.otherwise()))
                .commit();
        return follow(
                client,
                ask.isRead(),
                sent.thenApply(result -> new Answer(
                        result.header().revision(),
                        result.succeeded(),
                        result.results().stream().map(Asking::result).toList())));
    }

    private static Pending<Answer> alone(AxolotlClient client, Op op, boolean isRead) {
        Pending<? extends OpResult> sent;
        if (op instanceof Op.Put put) {
            sent = client.kv().put(put.key(), put.value(), put.options());
        } else if (op instanceof Op.Delete delete) {
            sent = client.kv().delete(delete.range(), delete.options());
        } else if (op instanceof Op.Get get) {
            sent = client.kv().get(get.range(), get.options());
        } else {
            throw new IllegalArgumentException("no single operation: " + op);
        }
        return follow(
                client,
                isRead,
                sent.thenApply(result -> new Answer(result.header().revision(), true, List.of(result(result)))));
    }

    private static Pending<Answer> follow(AxolotlClient client, boolean isRead, CompletableFuture<Answer> answer) {
        return isRead ? Pending.ofReads(client, "ask", answer) : Pending.ofWrites(client, "ask", answer);
    }

    private static Op[] ops(Ask ask, List<Action> actions) {
        GetOptions options = GetOptions.DEFAULT.withRevision(ask.at()).withSerializable(ask.serializable());
        return actions.stream()
                .map(action -> {
                    Bytes key = Bytes.of(action.key());
                    return switch (action.kind()) {
                        case PUT -> Op.put(key, Bytes.of(action.value()));
                        case SWAP -> new Op.Put(key, Bytes.of(action.value()), PutOptions.DEFAULT.withPrevious(true));
                        case DELETE -> new Op.Delete(KeyRange.single(key), DeleteOptions.DEFAULT.withPrevious(true));
                        case READ -> new Op.Get(KeyRange.single(key), options);
                        case LIST -> new Op.Get(KeyRange.prefix(key), options);
                    };
                })
                .toArray(Op[]::new);
    }

    private static Answer.Result result(OpResult result) {
        if (result instanceof GetResult got) {
            return new Answer.Result(0, rows(got.kvs()));
        }
        if (result instanceof DeleteResult deleted) {
            return new Answer.Result(deleted.deleted(), rows(deleted.previous()));
        }
        if (result instanceof PutResult put) {
            return new Answer.Result(0, rows(put.previous().stream().toList()));
        }
        throw new IllegalArgumentException("nothing that was asked for: " + result);
    }

    private static List<Row> rows(List<KeyValue> kvs) {
        return kvs.stream().map(Row::of).toList();
    }
}
