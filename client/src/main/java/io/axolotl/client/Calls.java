package io.axolotl.client;

import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.AuthDisableRequest;
import io.axolotl.client.proto.AuthDisableResponse;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthEnableResponse;
import io.axolotl.client.proto.AuthGrpc;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleAddResponse;
import io.axolotl.client.proto.AuthRoleDeleteRequest;
import io.axolotl.client.proto.AuthRoleDeleteResponse;
import io.axolotl.client.proto.AuthRoleGetRequest;
import io.axolotl.client.proto.AuthRoleGetResponse;
import io.axolotl.client.proto.AuthRoleGrantPermissionRequest;
import io.axolotl.client.proto.AuthRoleGrantPermissionResponse;
import io.axolotl.client.proto.AuthRoleListRequest;
import io.axolotl.client.proto.AuthRoleListResponse;
import io.axolotl.client.proto.AuthRoleRevokePermissionRequest;
import io.axolotl.client.proto.AuthRoleRevokePermissionResponse;
import io.axolotl.client.proto.AuthStatusRequest;
import io.axolotl.client.proto.AuthStatusResponse;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserAddResponse;
import io.axolotl.client.proto.AuthUserChangePasswordRequest;
import io.axolotl.client.proto.AuthUserChangePasswordResponse;
import io.axolotl.client.proto.AuthUserDeleteRequest;
import io.axolotl.client.proto.AuthUserDeleteResponse;
import io.axolotl.client.proto.AuthUserGetRequest;
import io.axolotl.client.proto.AuthUserGetResponse;
import io.axolotl.client.proto.AuthUserGrantRoleRequest;
import io.axolotl.client.proto.AuthUserGrantRoleResponse;
import io.axolotl.client.proto.AuthUserListRequest;
import io.axolotl.client.proto.AuthUserListResponse;
import io.axolotl.client.proto.AuthUserRevokeRoleRequest;
import io.axolotl.client.proto.AuthUserRevokeRoleResponse;
import io.axolotl.client.proto.CampaignRequest;
import io.axolotl.client.proto.CampaignResponse;
import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DefragmentRequest;
import io.axolotl.client.proto.DefragmentResponse;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.HashKVRequest;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseKeepAliveResponse;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseLeasesResponse;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseRevokeResponse;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.LeaseTimeToLiveResponse;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.LockRequest;
import io.axolotl.client.proto.LockResponse;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MemberAddRequest;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.MemberListRequest;
import io.axolotl.client.proto.MemberListResponse;
import io.axolotl.client.proto.MemberPromoteRequest;
import io.axolotl.client.proto.MemberPromoteResponse;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.MemberRemoveResponse;
import io.axolotl.client.proto.MemberUpdateRequest;
import io.axolotl.client.proto.MemberUpdateResponse;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.MoveLeaderResponse;
import io.axolotl.client.proto.OpenSessionRequest;
import io.axolotl.client.proto.OpenSessionResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.SessionsGrpc;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.transport.NestedTransactions;
import io.grpc.MethodDescriptor;

/** The calls that this client makes, and which of them can change anything. */
final class Calls {
    static final CallSpec<PutRequest, PutResponse, PutResult> PUT =
            new CallSpec<>("put", Effect.WRITE, KVGrpc.getPutMethod(), Wire::put, PutResult::header).numbered();

    static final CallSpec<RangeRequest, RangeResponse, GetResult> GET =
            new CallSpec<>("get", Effect.READ, KVGrpc.getRangeMethod(), Wire::range, GetResult::header);

    static final CallSpec<DeleteRangeRequest, DeleteRangeResponse, DeleteResult> DELETE = new CallSpec<>(
                    "delete", Effect.WRITE, KVGrpc.getDeleteRangeMethod(), Wire::delete, DeleteResult::header)
            .numbered();

    static final CallSpec<TxnRequest, TxnResponse, TxnResult> TXN =
            new CallSpec<>("txn", Effect.WRITE, NestedTransactions.method(), Wire::txn, TxnResult::header).numbered();

    /** A transaction of reads only (TX-11). */
    static final CallSpec<TxnRequest, TxnResponse, TxnResult> READ_TXN = TXN.asRead();

    /** A session that nobody uses ends by itself, so it does no harm to open one too many. */
    static final CallSpec<OpenSessionRequest, OpenSessionResponse, Numbering.OpenedSession> OPEN_SESSION =
            new CallSpec<>(
                    "openSession",
                    Effect.READ,
                    SessionsGrpc.getOpenMethod(),
                    response -> new Numbering.OpenedSession(
                            Wire.header(response.getHeader()), response.getId(), response.getSlots()),
                    Numbering.OpenedSession::header);

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

    static final CallSpec<AlarmRequest, AlarmResponse, AlarmsResult> ALARMS =
            new CallSpec<>("alarms", Effect.READ, MaintenanceGrpc.getAlarmMethod(), Wire::alarms, AlarmsResult::header);

    static final CallSpec<AlarmRequest, AlarmResponse, AlarmsResult> DISARM = new CallSpec<>(
            "disarm", Effect.WRITE, MaintenanceGrpc.getAlarmMethod(), Wire::alarms, AlarmsResult::header);

    static final CallSpec<HashKVRequest, HashKVResponse, HashKvResult> HASH_KV = new CallSpec<>(
            "hashKv", Effect.READ, MaintenanceGrpc.getHashKVMethod(), Wire::hashKv, HashKvResult::header);

    /** Changes nothing that can be read. The answer has no header (HD-3); an empty one stands in for it. */
    static final CallSpec<DefragmentRequest, DefragmentResponse, Header> DEFRAGMENT = new CallSpec<>(
            "defragment",
            Effect.READ,
            MaintenanceGrpc.getDefragmentMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<MemberListRequest, MemberListResponse, MembersResult> MEMBERS = new CallSpec<>(
            "members",
            Effect.READ,
            ClusterGrpc.getMemberListMethod(),
            response -> Wire.members(response.getHeader(), response.getMembersList()),
            MembersResult::header);

    static final CallSpec<MemberAddRequest, MemberAddResponse, MemberAddResult> MEMBER_ADD = new CallSpec<>(
            "memberAdd", Effect.WRITE, ClusterGrpc.getMemberAddMethod(), Wire::memberAdd, MemberAddResult::header);

    static final CallSpec<MemberPromoteRequest, MemberPromoteResponse, MembersResult> MEMBER_PROMOTE = new CallSpec<>(
            "memberPromote",
            Effect.WRITE,
            ClusterGrpc.getMemberPromoteMethod(),
            response -> Wire.members(response.getHeader(), response.getMembersList()),
            MembersResult::header);

    static final CallSpec<MemberUpdateRequest, MemberUpdateResponse, MembersResult> MEMBER_UPDATE = new CallSpec<>(
            "memberUpdate",
            Effect.WRITE,
            ClusterGrpc.getMemberUpdateMethod(),
            response -> Wire.members(response.getHeader(), response.getMembersList()),
            MembersResult::header);

    static final CallSpec<MemberRemoveRequest, MemberRemoveResponse, MembersResult> MEMBER_REMOVE = new CallSpec<>(
            "memberRemove",
            Effect.WRITE,
            ClusterGrpc.getMemberRemoveMethod(),
            response -> Wire.members(response.getHeader(), response.getMembersList()),
            MembersResult::header);

    static final CallSpec<LeaseGrantRequest, LeaseGrantResponse, LeaseGrantResult> LEASE_GRANT = new CallSpec<>(
            "leaseGrant",
            Effect.WRITE,
            LeaseGrpc.getLeaseGrantMethod(),
            response -> new LeaseGrantResult(Wire.header(response.getHeader()), response.getID(), response.getTTL()),
            LeaseGrantResult::header);

    static final CallSpec<LeaseRevokeRequest, LeaseRevokeResponse, LeaseRevokeResult> LEASE_REVOKE = new CallSpec<>(
            "leaseRevoke",
            Effect.WRITE,
            LeaseGrpc.getLeaseRevokeMethod(),
            response -> new LeaseRevokeResult(Wire.header(response.getHeader())),
            LeaseRevokeResult::header);

    /** A stream of one request and one answer is a unary call on the wire. What it changes may change twice. */
    static final CallSpec<LeaseKeepAliveRequest, LeaseKeepAliveResponse, LeaseKeepAliveResult> LEASE_KEEP_ALIVE =
            new CallSpec<>(
                    "leaseKeepAlive",
                    Effect.READ,
                    LeaseGrpc.getLeaseKeepAliveMethod().toBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .build(),
                    response -> new LeaseKeepAliveResult(
                            Wire.header(response.getHeader()), response.getID(), response.getTTL()),
                    LeaseKeepAliveResult::header);

    static final CallSpec<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse, LeaseTimeToLiveResult> LEASE_TIME_TO_LIVE =
            new CallSpec<>(
                    "leaseTimeToLive",
                    Effect.READ,
                    LeaseGrpc.getLeaseTimeToLiveMethod(),
                    response -> new LeaseTimeToLiveResult(
                            Wire.header(response.getHeader()),
                            response.getID(),
                            response.getTTL(),
                            response.getGrantedTTL(),
                            response.getKeysList().stream().map(Bytes::wrap).toList()),
                    LeaseTimeToLiveResult::header);

    static final CallSpec<LeaseLeasesRequest, LeaseLeasesResponse, LeasesResult> LEASE_LEASES = new CallSpec<>(
            "leaseLeases",
            Effect.READ,
            LeaseGrpc.getLeaseLeasesMethod(),
            response -> new LeasesResult(
                    Wire.header(response.getHeader()),
                    response.getLeasesList().stream().map(LeaseStatus::getID).toList()),
            LeasesResult::header);

    static final CallSpec<LockRequest, LockResponse, LockResult> LOCK = new CallSpec<>(
            "lock",
            Effect.WRITE,
            LockGrpc.getLockMethod(),
            response -> new LockResult(Wire.header(response.getHeader()), Bytes.wrap(response.getKey())),
            LockResult::header);

    static final CallSpec<CampaignRequest, CampaignResponse, ElectedResult> CAMPAIGN = new CallSpec<>(
            "campaign",
            Effect.WRITE,
            ElectionGrpc.getCampaignMethod(),
            response -> new ElectedResult(
                    Wire.header(response.getHeader()),
                    Bytes.wrap(response.getLeader().getKey()),
                    response.getLeader().getRev(),
                    response.getLeader().getLease()),
            ElectedResult::header);

    static final CallSpec<AuthEnableRequest, AuthEnableResponse, Header> AUTH_ENABLE = new CallSpec<>(
            "authEnable",
            Effect.WRITE,
            AuthGrpc.getAuthEnableMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthDisableRequest, AuthDisableResponse, Header> AUTH_DISABLE = new CallSpec<>(
            "authDisable",
            Effect.WRITE,
            AuthGrpc.getAuthDisableMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthUserAddRequest, AuthUserAddResponse, Header> USER_ADD = new CallSpec<>(
            "userAdd",
            Effect.WRITE,
            AuthGrpc.getUserAddMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthUserDeleteRequest, AuthUserDeleteResponse, Header> USER_DELETE = new CallSpec<>(
            "userDelete",
            Effect.WRITE,
            AuthGrpc.getUserDeleteMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthUserChangePasswordRequest, AuthUserChangePasswordResponse, Header> USER_CHANGE_PASSWORD =
            new CallSpec<>(
                    "userChangePassword",
                    Effect.WRITE,
                    AuthGrpc.getUserChangePasswordMethod(),
                    response -> Wire.header(response.getHeader()),
                    header -> header);

    static final CallSpec<AuthUserGetRequest, AuthUserGetResponse, NamesResult> USER_GET = new CallSpec<>(
            "userGet",
            Effect.READ,
            AuthGrpc.getUserGetMethod(),
            response -> new NamesResult(Wire.header(response.getHeader()), response.getRolesList()),
            NamesResult::header);

    static final CallSpec<AuthUserListRequest, AuthUserListResponse, NamesResult> USER_LIST = new CallSpec<>(
            "userList",
            Effect.READ,
            AuthGrpc.getUserListMethod(),
            response -> new NamesResult(Wire.header(response.getHeader()), response.getUsersList()),
            NamesResult::header);

    static final CallSpec<AuthUserGrantRoleRequest, AuthUserGrantRoleResponse, Header> USER_GRANT_ROLE = new CallSpec<>(
            "userGrantRole",
            Effect.WRITE,
            AuthGrpc.getUserGrantRoleMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthUserRevokeRoleRequest, AuthUserRevokeRoleResponse, Header> USER_REVOKE_ROLE =
            new CallSpec<>(
                    "userRevokeRole",
                    Effect.WRITE,
                    AuthGrpc.getUserRevokeRoleMethod(),
                    response -> Wire.header(response.getHeader()),
                    header -> header);

    static final CallSpec<AuthRoleAddRequest, AuthRoleAddResponse, Header> ROLE_ADD = new CallSpec<>(
            "roleAdd",
            Effect.WRITE,
            AuthGrpc.getRoleAddMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthRoleDeleteRequest, AuthRoleDeleteResponse, Header> ROLE_DELETE = new CallSpec<>(
            "roleDelete",
            Effect.WRITE,
            AuthGrpc.getRoleDeleteMethod(),
            response -> Wire.header(response.getHeader()),
            header -> header);

    static final CallSpec<AuthRoleListRequest, AuthRoleListResponse, NamesResult> ROLE_LIST = new CallSpec<>(
            "roleList",
            Effect.READ,
            AuthGrpc.getRoleListMethod(),
            response -> new NamesResult(Wire.header(response.getHeader()), response.getRolesList()),
            NamesResult::header);

    static final CallSpec<AuthRoleGrantPermissionRequest, AuthRoleGrantPermissionResponse, Header>
            ROLE_GRANT_PERMISSION = new CallSpec<>(
                    "roleGrantPermission",
                    Effect.WRITE,
                    AuthGrpc.getRoleGrantPermissionMethod(),
                    response -> Wire.header(response.getHeader()),
                    header -> header);

    static final CallSpec<AuthRoleRevokePermissionRequest, AuthRoleRevokePermissionResponse, Header>
            ROLE_REVOKE_PERMISSION = new CallSpec<>(
                    "roleRevokePermission",
                    Effect.WRITE,
                    AuthGrpc.getRoleRevokePermissionMethod(),
                    response -> Wire.header(response.getHeader()),
                    header -> header);

    static final CallSpec<AuthStatusRequest, AuthStatusResponse, AuthStatusResult> AUTH_STATUS = new CallSpec<>(
            "authStatus",
            Effect.READ,
            AuthGrpc.getAuthStatusMethod(),
            response -> new AuthStatusResult(
                    Wire.header(response.getHeader()), response.getEnabled(), response.getAuthRevision()),
            AuthStatusResult::header);

    static final CallSpec<AuthRoleGetRequest, AuthRoleGetResponse, RoleResult> ROLE_GET =
            new CallSpec<>("roleGet", Effect.READ, AuthGrpc.getRoleGetMethod(), Wire::role, RoleResult::header);

    private Calls() {}
}
