package io.axolotl.server.api;

import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.UnlockRequest;
import io.axolotl.client.proto.UnlockResponse;
import io.axolotl.server.driver.NodeService;
import io.grpc.stub.ServerCallStreamObserver;
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
        Contender contender = new Contender(
                recipes,
                Contender.Terms.LOCK,
                request.getName().toByteArray(),
                Recipes.NOTHING,
                new Contender.Outcome() {
                    @Override
                    public void won(byte[] key, long lease, long created, long entered, long revision) {
                        observer.onNext(LockResponse.newBuilder()
                                .setHeader(headers.at(revision))
                                .setKey(ByteArrays.wrap(key))
                                .build());
                        observer.onCompleted();
                    }

                    @Override
                    public void failed(String text) {
                        observer.onError(Recipes.exception(text));
                    }
                });
        ((ServerCallStreamObserver<LockResponse>) observer).setOnCancelHandler(contender::cancel);
        contender.begin(request.getLease());
    }

    /** LK-3: to let go of what is not held is a success. */
    @Override
    public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> observer) {
        if (request.getKey().isEmpty()) {
            observer.onError(Recipes.exception(EtcdError.EMPTY_KEY.text()));
            return;
        }
        recipes.delete(
                request.getKey().toByteArray(),
                revision -> {
                    observer.onNext(UnlockResponse.newBuilder()
                            .setHeader(headers.at(revision))
                            .build());
                    observer.onCompleted();
                },
                text -> observer.onError(Recipes.exception(text)));
    }
}
