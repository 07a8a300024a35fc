package io.axolotl.client;

import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.MoveLeaderResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;

/** The calls that this client makes, and which of them can change anything. */
final class Calls {
    static final CallSpec<PutRequest, PutResponse, PutResult> PUT =
            new CallSpec<>("put", Effect.WRITE, KVGrpc.getPutMethod(), Wire::put, PutResult::header);

    static final CallSpec<RangeRequest, RangeResponse, GetResult> GET =
            new CallSpec<>("get", Effect.READ, KVGrpc.getRangeMethod(), Wire::range, GetResult::header);

    static final CallSpec<DeleteRangeRequest, DeleteRangeResponse, DeleteResult> DELETE =
            new CallSpec<>("delete", Effect.WRITE, KVGrpc.getDeleteRangeMethod(), Wire::delete, DeleteResult::header);

    static final CallSpec<TxnRequest, TxnResponse, TxnResult> TXN =
            new CallSpec<>("txn", Effect.WRITE, KVGrpc.getTxnMethod(), Wire::txn, TxnResult::header);

    /** A transaction of reads only (TX-11). */
    static final CallSpec<TxnRequest, TxnResponse, TxnResult> READ_TXN = TXN.asRead();

    static final CallSpec<CompactionRequest, CompactionResponse, CompactResult> COMPACT =
            new CallSpec<>("compact", Effect.WRITE, KVGrpc.getCompactMethod(), Wire::compact, CompactResult::header);

    static final CallSpec<StatusRequest, StatusResponse, StatusResult> STATUS = new CallSpec<>(
            "status", Effect.READ, MaintenanceGrpc.getStatusMethod(), Wire::status, StatusResult::header);

    /** The answer has no header (HD-3); an empty one stands in for it. */
    static final CallSpec<MoveLeaderRequest, MoveLeaderResponse, Header> MOVE_LEADER = new CallSpec<>(
            "moveLeader",
            Effect.WRITE,
            MaintenanceGrpc.getMoveLeaderMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<MemberListRequest, MemberListResponse, MembersResult> MEMBERS = new CallSpec<>(
            "members", Effect.READ, ClusterGrpc.getMemberListMethod(), Wire::members, MembersResult::header);

    private Calls() {}
}
