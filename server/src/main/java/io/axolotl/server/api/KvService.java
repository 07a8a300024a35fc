package io.axolotl.server.api;

import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RangeStreamResponse;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * etcd's KV service (contract B.2 to B.6). Writes are proposed, linearizable reads wait for a barrier and serializable
 * ones do not (RG-10, TX-11); any member answers all of them.
 *
 * <p>Safe for all threads.
 */
final class KvService extends KVGrpc.KVImplBase {
    private final NodeService node;
    private final RequestChecks checks;
    private final Gate gate;
    private final ReadPool reads;
    private final StoreReader store;
    private final RemovalWait removal;
    private final AnswerBudget answers;
    private final Headers headers;
    private final ApiMetrics metrics;

    KvService(NodeService node, ApiLimits limits, Gate gate, ReadPool reads, ApiMetrics metrics) {
        this.node = node;
        this.checks = new RequestChecks(limits.maxTxnOps());
        this.gate = gate;
        this.reads = reads;
        this.store = new StoreReader(node::store, node::isTrusted);
        this.removal = new RemovalWait(store, limits.requestTimeout());
        this.answers = new AnswerBudget(limits.maxAnswerBytes(), limits.maxUnsentBytes());
        this.headers = new Headers(node);
        this.metrics = metrics;
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
        try {
            checks.check(request);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        Login login = Login.current();
        RangeQuery query = Requests.query(request);
        AnswerBudget.Answer held = begin(observer);
        if (!request.getSerializable()) {
            afterBarrier(observer, query.rangeEnd().length == 0, () -> answer(login, query, held, observer));
        } else if (query.rangeEnd().length == 0) {
            answer(login, query, held, observer);
        } else {
            onReadPool(observer, false, () -> answer(login, query, held, observer));
        }
    }

    /** G-6: as a unary range would answer, in pieces of one revision. */
    @Override
    public void rangeStream(RangeRequest request, StreamObserver<RangeStreamResponse> observer) {
        try {
            checks.check(request);
            RangeStream.check(request);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        RangeStream stream = new RangeStream(
                gate,
                Login.current(),
                store,
                reads,
                answers,
                headers,
                Requests.query(request),
                (ServerCallStreamObserver<RangeStreamResponse>) observer);
        if (request.getSerializable()) {
            stream.start();
        } else {
            node.readBarrier(failure -> {
                if (failure == null) {
                    stream.start();
                } else {
                    refuse(observer, EtcdError.of(failure));
                }
            });
        }
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> observer) {
        try {
            checks.check(request);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        propose(
                Requests.command(request),
                observer,
                CommandResult.Put.class,
                r -> Responses.put(headers.at(r.revision()), r));
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
        try {
            checks.check(request);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        propose(
                Requests.command(request),
                observer,
                CommandResult.DeleteRange.class,
                r -> Responses.deleteRange(headers.at(r.revision()), r));
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
        try {
            checks.check(request);
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        Command.Txn command = Requests.command(request);
        if (readsOnly(request.getSuccessList()) && readsOnly(request.getFailureList())) {
            Login login = Login.current();
            AnswerBudget.Answer held = begin(observer);
            boolean isPoint = isOfSingleKeys(request);
            if (isSerializable(request)) {
                onReadPool(observer, isPoint, () -> answer(login, command, held, observer));
            } else {
                afterBarrier(observer, isPoint, () -> answer(login, command, held, observer));
            }
            return;
        }
        propose(command, observer, CommandResult.Txn.class, r -> Responses.txn(headers.at(r.revision()), r));
    }

    /** CP-3: a physical compaction is answered once this member has removed the history. */
    @Override
    public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
        gate.propose(
                Login.current(),
                Requests.command(request),
                Proposed.then(observer, CommandResult.Compacted.class, done -> {
                    CompactionResponse response = Responses.compaction(headers.at(done.revision()));
                    if (!request.getPhysical()) {
                        complete(observer, response);
                        return;
                    }
                    removal.await(request.getRevision(), error -> {
                        if (error == null) {
                            complete(observer, response);
                        } else {
                            refuse(observer, error);
                        }
                    });
                }));
    }

    private <R extends CommandResult, T> void propose(
            Command command, StreamObserver<T> observer, Class<R> resultType, Function<R, T> response) {
        gate.propose(
                Login.current(),
                CallMark.current(),
                command,
                Proposed.then(observer, resultType, result -> complete(observer, response.apply(result))));
    }

    private AnswerBudget.Answer begin(StreamObserver<?> observer) {
        return answers.begin((ServerCallStreamObserver<?>) observer, () -> {});
    }

    private void afterBarrier(StreamObserver<?> observer, boolean isPoint, Runnable read) {
        Runnable wanted = Waiter.stillWanted(observer, read);
        node.readBarrier(failure -> {
            if (failure == null) {
                offer(observer, isPoint, wanted);
            } else {
                refuse(observer, EtcdError.of(failure));
            }
        });
    }

    private void onReadPool(StreamObserver<?> observer, boolean isPoint, Runnable read) {
        offer(observer, isPoint, Waiter.stillWanted(observer, read));
    }

    private void offer(StreamObserver<?> observer, boolean isPoint, Runnable read) {
        if (!(isPoint ? reads.offerPoint(read) : reads.offer(read))) {
            refuse(observer, EtcdError.TOO_MANY_REQUESTS);
        }
    }

    private void answer(
            Login login, RangeQuery query, AnswerBudget.Answer held, StreamObserver<RangeResponse> observer) {
        long startNanos = System.nanoTime();
        RangeAnswer answer;
        try {
            answer = gate.read(login, store, (access, state) -> access.read(query.key(), query.rangeEnd()), s -> {
                held.restart();
                return s.range(query, held);
            });
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        if (answer instanceof RangeAnswer.Found found) {
            metrics.rangeAnswered(System.nanoTime() - startNanos);
            complete(observer, Responses.range(headers.at(found.revision()), found));
        } else if (answer instanceof RangeAnswer.Refused refused) {
            metrics.rangeRefused(System.nanoTime() - startNanos);
            refuse(observer, EtcdError.of(refused.why()));
        }
    }

    private void answer(Login login, Command.Txn txn, AnswerBudget.Answer held, StreamObserver<TxnResponse> observer) {
        CommandResult result;
        try {
            result = gate.read(login, store, (access, state) -> access.txn(txn, state::isAnyAttached), s -> {
                held.restart();
                return s.readOnlyTxn(txn, held);
            });
        } catch (RequestRefused refused) {
            refuse(observer, refused.error());
            return;
        }
        if (result instanceof CommandResult.Txn done) {
            complete(observer, Responses.txn(headers.at(done.revision()), done));
        } else if (result instanceof CommandResult.Refused refused) {
            refuse(observer, EtcdError.of(refused.why()));
        } else {
            throw new AssertionError("a read-only transaction came to " + result);
        }
    }

    private static boolean isOfSingleKeys(TxnRequest request) {
        return request.getCompareList().stream()
                        .allMatch(compare -> compare.getRangeEnd().isEmpty())
                && Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream())
                        .allMatch(op -> op.getRequestRange().getRangeEnd().isEmpty());
    }

    private static boolean readsOnly(List<RequestOp> ops) {
        for (RequestOp op : ops) {
            if (!op.hasRequestRange()) {
                return false;
            }
        }
        return true;
    }

    /** TX-11. A transaction without any operation is read with a barrier here: stricter than etcd, and what people expect. */
    private static boolean isSerializable(TxnRequest request) {
        if (request.getSuccessCount() + request.getFailureCount() == 0) {
            return false;
        }
        for (RequestOp op : request.getSuccessList()) {
            if (!op.getRequestRange().getSerializable()) {
                return false;
            }
        }
        for (RequestOp op : request.getFailureList()) {
            if (!op.getRequestRange().getSerializable()) {
                return false;
            }
        }
        return true;
    }

    private static <T> void complete(StreamObserver<T> observer, T response) {
        observer.onNext(response);
        observer.onCompleted();
    }

    private static void refuse(StreamObserver<?> observer, EtcdError error) {
        observer.onError(error.exception());
    }
}
