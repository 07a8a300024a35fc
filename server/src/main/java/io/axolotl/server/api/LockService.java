package io.axolotl.server.api;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.UnlockRequest;
import io.axolotl.client.proto.UnlockResponse;
import io.axolotl.server.driver.NodeService;
import io.grpc.stub.StreamObserver;

/**
 * etcd's Lock service (LK-1 to LK-3), for clients that do not bring the recipe themselves.
 *
 * <p>Safe for all threads.
 */
final class LockService extends LockGrpc.LockImplBase {
    private final Recipes recipes;
    private final Headers headers;

    LockService(NodeService node, Recipes recipes) {
        this.recipes = recipes;
        this.headers = new Headers(node);
    }

    /** Answers when the lock is held; a call that is cancelled before leaves nothing behind. */
    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
        Contender.serve(
                recipes.ofCaller(),
                Contender.Terms.LOCK,
                request.getName(),
                ByteString.EMPTY,
                request.getLease(),
                observer,
                won -> LockResponse.newBuilder()
                        .setHeader(headers.at(won.revision()))
                        .setKey(ByteArrays.wrap(won.key()))
                        .build());
    }

    /** LK-3: to let go of what is not held is a success. */
    @Override
    public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> observer) {
        if (request.getKey().isEmpty()) {
            Recipes.refuse(observer, EtcdError.EMPTY_KEY.text());
            return;
        }
        recipes.ofCaller()
                .delete(
                        request.getKey().toByteArray(),
                        revision -> Recipes.answer(
                                observer,
                                UnlockResponse.newBuilder()
                                        .setHeader(headers.at(revision))
                                        .build()),
                        text -> Recipes.refuse(observer, text));
    }
}
