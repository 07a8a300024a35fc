package io.axolotl.server.api;

import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.server.driver.NodeService;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.grpc.stub.StreamObserver;

/**
 * Who is in the cluster (contract B.9). Only the list: calls that change the membership answer UNIMPLEMENTED.
 *
 * <p>Safe for all threads.
 */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
    private final NodeService node;
    private final Headers headers;

    ClusterService(NodeService node) {
        this.node = node;
        this.headers = new Headers(node);
    }

    /** CL-4, CL-5: a member that has not published its name yet is listed without name and client URLs. */
    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
        if (!request.getLinearizable()) {
            answer(observer);
            return;
        }
        node.readBarrier(failure -> {
            if (failure == null) {
                answer(observer);
            } else {
                observer.onError(EtcdError.of(failure).exception());
            }
        });
    }

    /** The member list is held in memory, so any thread may build the answer. */
    private void answer(StreamObserver<MemberListResponse> observer) {
        MemberListResponse.Builder response = MemberListResponse.newBuilder().setHeader(headers.withoutRevision());
        for (MemberAttributes member : node.store().members()) {
            response.addMembers(Responses.member(member));
        }
        observer.onNext(response.build());
        observer.onCompleted();
    }
}
