package io.axolotl.server.api;

import io.axolotl.client.proto.CampaignRequest;
import io.axolotl.client.proto.CampaignResponse;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.LeaderKey;
import io.axolotl.client.proto.LeaderRequest;
import io.axolotl.client.proto.LeaderResponse;
import io.axolotl.client.proto.ProclaimRequest;
import io.axolotl.client.proto.ProclaimResponse;
import io.axolotl.client.proto.ResignRequest;
import io.axolotl.client.proto.ResignResponse;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.command.Command;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * etcd's Election service (LK-1, LK-2, LK-4), for clients that do not bring the recipe themselves.
 *
 * <p>Safe for all threads.
 */
final class ElectionService extends ElectionGrpc.ElectionImplBase {
    static final String NOT_LEADER = "election: not leader";
    private static final String NO_LEADER = "election: no leader";
    private static final String LEADER_MISSING = "\"leader\" field must be provided";

    private final Recipes recipes;
    private final Headers headers;

    ElectionService(NodeService node, Recipes recipes) {
        this.recipes = recipes;
        this.headers = new Headers(node);
    }

    /** Answers when elected; a call that is cancelled before leaves nothing behind. */
    @Override
    public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> observer) {
        Contender.serve(
                recipes.ofCaller(),
                Contender.Terms.ELECTION,
                request.getName(),
                request.getValue(),
                request.getLease(),
                observer,
                won -> CampaignResponse.newBuilder()
                        .setHeader(headers.at(won.enteredRevision()))
                        .setLeader(LeaderKey.newBuilder()
                                .setName(request.getName())
                                .setKey(ByteArrays.wrap(won.key()))
                                .setRev(won.createRevision())
                                .setLease(won.lease()))
                        .build());
    }

    @Override
    public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> observer) {
        if (!request.hasLeader()) {
            Recipes.refuse(observer, LEADER_MISSING);
            return;
        }
        LeaderKey leader = request.getLeader();
        byte[] key = leader.getKey().toByteArray();
        if (key.length == 0) {
            Recipes.refuse(observer, EtcdError.EMPTY_KEY.text());
            return;
        }
        recipes.ofCaller()
                .txn(
                        new Command.Txn(
                                List.of(Recipes.wasCreatedAt(key, leader.getRev())),
                                List.of(Recipes.put(key, request.getValue().toByteArray(), leader.getLease())),
                                List.of()),
                        done -> {
                            if (done.succeeded()) {
                                Recipes.answer(
                                        observer,
                                        ProclaimResponse.newBuilder()
                                                .setHeader(headers.at(done.revision()))
                                                .build());
                            } else {
                                Recipes.refuse(observer, NOT_LEADER);
                            }
                        },
                        text -> Recipes.refuse(observer, text));
    }

    @Override
    public void leader(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
        recipes.ofCaller()
                .read(
                        Recipes.first(Recipes.prefix(request.getName().toByteArray())),
                        found -> {
                            if (found.kvs().isEmpty()) {
                                Recipes.refuse(observer, NO_LEADER);
                            } else {
                                Recipes.answer(
                                        observer,
                                        LeaderResponse.newBuilder()
                                                .setHeader(headers.at(found.revision()))
                                                .setKv(Responses.keyValue(
                                                        found.kvs().get(0)))
                                                .build());
                            }
                        },
                        text -> Recipes.refuse(observer, text));
    }

    @Override
    public void observe(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
        new LeaderObserver(recipes.ofCaller(), headers, request.getName().toByteArray(), (ServerCallStreamObserver<
                                LeaderResponse>)
                        observer)
                .begin();
    }

    /** LK-4: to give up what one does not have is a success. */
    @Override
    public void resign(ResignRequest request, StreamObserver<ResignResponse> observer) {
        if (!request.hasLeader()) {
            Recipes.refuse(observer, LEADER_MISSING);
            return;
        }
        byte[] key = request.getLeader().getKey().toByteArray();
        if (key.length == 0) {
            Recipes.refuse(observer, EtcdError.EMPTY_KEY.text());
            return;
        }
        recipes.ofCaller()
                .txn(
                        new Command.Txn(
                                List.of(Recipes.wasCreatedAt(
                                        key, request.getLeader().getRev())),
                                List.of(new Command.DeleteRange(key, Recipes.NOTHING, false)),
                                List.of()),
                        done -> Recipes.answer(
                                observer,
                                ResignResponse.newBuilder()
                                        .setHeader(headers.at(done.revision()))
                                        .build()),
                        text -> Recipes.refuse(observer, text));
    }
}
