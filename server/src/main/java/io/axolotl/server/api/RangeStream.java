package io.axolotl.server.api;

import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RangeStreamResponse;
import io.axolotl.storage.mvcc.KeyValue;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One streamed range (G-6): the unary answer cut into pieces, all of the revision that the first one was read at. Pieces
 * begin with ten keys and grow or shrink towards {@link #PIECE_BYTES}; header, {@code more} and {@code count} come with
 * the last; only the first counts. If that revision is compacted away in the middle the stream ends with the compacted error.
 *
 * <p>A piece is read only when the client has room for it, so a slow client costs one piece of memory.
 *
 * <p>One task of the {@link ReadPool} at a time works on a stream; {@link #isScheduled} hands it from one to the next.
 */
final class RangeStream {
    private static final int FIRST_PIECE_KEYS = 10;
    private static final int PIECE_BYTES = 3 * 512 * 1024;
    private static final int MAX_PIECE_KEYS = 100_000;

    private final Gate gate;
    private final Login login;
    private final StoreReader store;
    private final ReadPool reads;
    private final Headers headers;
    private final ServerCallStreamObserver<RangeStreamResponse> observer;
    private final AnswerBudget.Answer held;
    private final AtomicBoolean isScheduled = new AtomicBoolean();

    /** What is still to be read; its revision is set by the first piece. */
    private RangeQuery rest;

    private long pieceKeys = FIRST_PIECE_KEYS;
    private long count;
    private long headerRevision;
    private boolean isFirst = true;
    private volatile boolean isStarted;
    private volatile boolean isFinished;

    /** Called while the call is being set up: handlers may be set. */
    RangeStream(
            Gate gate,
            Login login,
            StoreReader store,
            ReadPool reads,
            AnswerBudget answers,
            Headers headers,
            RangeQuery query,
            ServerCallStreamObserver<RangeStreamResponse> observer) {
        this.gate = gate;
        this.login = login;
        this.store = store;
        this.reads = reads;
        this.headers = headers;
        this.rest = query;
        this.observer = observer;
        this.held = answers.begin(observer, () -> isFinished = true);
        observer.setOnReadyHandler(this::schedule);
    }

    /** Only key order can be cut into pieces without holding the whole answer (G-6). */
    static void check(RangeRequest request) throws RequestRefused {
        boolean isFiltered = request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
        boolean isKeyOrder = request.getSortTarget() == RangeRequest.SortTarget.KEY
                && request.getSortOrder() != RangeRequest.SortOrder.DESCEND;
        if (isFiltered || !isKeyOrder) {
            throw new RequestRefused(EtcdError.STREAM_NEEDS_KEY_ORDER);
        }
    }

    /** To be called once the read may be served. Safe for all threads. */
    void start() {
        isStarted = true;
        schedule();
    }

    private void schedule() {
        if (isStarted && !isFinished && isScheduled.compareAndSet(false, true) && !reads.offer(this::sendPieces)) {
            fail(EtcdError.TOO_MANY_REQUESTS);
        }
    }

    private void sendPieces() {
        do {
            while (!isFinished && observer.isReady()) {
                sendPiece();
            }
            isScheduled.set(false);
        } while (!isFinished && observer.isReady() && isScheduled.compareAndSet(false, true));
    }

    private void sendPiece() {
        long limit = rest.limit() > 0 ? Math.min(rest.limit(), pieceKeys) : pieceKeys;
        RangeQuery query = with(rest.key(), limit, rest.revision());
        RangeAnswer answer;
        try {
            answer = gate.read(login, store, (access, state) -> access.read(query.key(), query.rangeEnd()), s -> {
                held.restart();
                return isFirst ? s.range(query, held) : s.page(query, held);
            });
        } catch (RequestRefused refused) {
            if (limit > 1 && isOverBudget(refused.error())) {
                pieceKeys = limit / 2;
            } else {
                fail(refused.error());
            }
            return;
        }
        if (answer instanceof RangeAnswer.Refused refused) {
            fail(EtcdError.of(refused.why()));
            return;
        }
        RangeAnswer.Found found = (RangeAnswer.Found) answer;
        if (isFirst) {
            isFirst = false;
            count = found.count();
            headerRevision = found.revision();
        }
        List<KeyValue> kvs = found.kvs();
        boolean isLast = !found.more() || rest.limit() == kvs.size();
        RangeResponse piece = isLast
                ? Responses.range(
                        headers.at(headerRevision), new RangeAnswer.Found(headerRevision, kvs, found.more(), count))
                : Responses.piece(found);
        observer.onNext(RangeStreamResponse.newBuilder().setRangeResponse(piece).build());
        if (isLast) {
            isFinished = true;
            observer.onCompleted();
            return;
        }
        long revision = rest.revision() > 0 ? rest.revision() : headerRevision;
        long left = rest.limit() > 0 ? rest.limit() - kvs.size() : 0;
        rest = with(keyAfter(kvs.get(kvs.size() - 1).key()), left, revision);
        long keyBytes = Math.max(1, piece.getSerializedSize() / kvs.size());
        pieceKeys = Math.max(1, Math.min(Math.min(MAX_PIECE_KEYS, 2 * pieceKeys), PIECE_BYTES / keyBytes));
    }

    /** Then a smaller piece may do. */
    private static boolean isOverBudget(EtcdError error) {
        return error == EtcdError.ANSWER_TOO_LARGE || error == EtcdError.TOO_MANY_ANSWERS;
    }

    private void fail(EtcdError error) {
        isFinished = true;
        observer.onError(error.exception());
    }

    private RangeQuery with(byte[] key, long limit, long revision) {
        return new RangeQuery(
                key,
                rest.rangeEnd(),
                limit,
                revision,
                rest.sortOrder(),
                rest.sortTarget(),
                rest.isKeysOnly(),
                rest.isCountOnly(),
                0,
                0,
                0,
                0);
    }

    /** The smallest key above {@code key}. */
    private static byte[] keyAfter(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }
}
